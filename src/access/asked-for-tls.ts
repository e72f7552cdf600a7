/** Says how to speak to a server without TLS, by the flags that asked for TLS. */
import type { TlsMaterial } from "../net/tls-connect.ts";

/** A part of a sentence. */
export function howToLeaveTls(tls: TlsMaterial): string {
  const flags = [
    ...(tls.ca ? ["--cacert"] : []),
    ...(tls.cert ? ["--cert", "--key"] : []),
    ...(tls.serverName ? ["--tls-server-name"] : []),
    ...(tls.skipVerify ? ["--insecure-skip-tls-verify"] : []),
  ];
  const listed = [flags.slice(0, -1).join(", "), ...flags.slice(-1)].filter((part) => part !== "");
  return flags.length === 0
    ? "write http:// in place of https://"
    : `write http:// and leave out ${listed.join(" and ")}`;
}
