/**
 * Loaded into the processes of pods (`node --import`): names of Services resolve to addresses of pods, as the
 * cluster's DNS has it. The file of names is read at each look-up, since Services come and go.
 */
import dns, { type LookupAddress } from "node:dns";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** In the environment: a file of JSON, addresses by name. */
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
