/**
 * Resolves names of Services to addresses of pods, like the cluster's DNS. Pod processes load this
 * (`node --import`). It reads the file of names at each lookup, because Services come and go.
 */
import dns, { type LookupAddress } from "node:dns";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Environment variable with the path of a JSON file of addresses by name. */
export const DNS_FILE = "FAKE_KUBERNETES_DNS";

const file = process.env[DNS_FILE];
if (file !== undefined) {
  const real = dns.promises.lookup;
  const lookup = async (host: string, options: { all?: boolean } = {}) => {
    const names = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
    const address = names[host];
    if (address === undefined) return await real(host, options as { all: true });
    const found: LookupAddress = { address, family: 4 };
    return options.all ? [found] : found;
  };
  Object.assign(dns.promises, { lookup });
  syncBuiltinESMExports();
}
