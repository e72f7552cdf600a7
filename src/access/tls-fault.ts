/** Explains why a TLS connection failed, and how to fix it. */
import type { TlsMaterial } from "../net/tls-connect.ts";
import { howToLeaveTls } from "./asked-for-tls.ts";

/** OpenSSL's and Node's names for a server that is not who it should be, and what to do. */
const SERVER_FAULTS: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "its certificate has expired: renew it there"],
  ["CERT_NOT_YET_VALID", "its certificate is not valid yet: check both clocks"],
  [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "its certificate is signed by itself: name that one with --cacert",
  ],
  [
    "SELF_SIGNED_CERT_IN_CHAIN",
    "its certificate comes from an authority that is not trusted here: name that one with --cacert",
  ],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "its certificate does not come from the authority that is trusted here: name the right one with --cacert",
  ],
  [
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "its certificate comes from an authority that is not trusted here: name that one with --cacert",
  ],
  [
    "UNABLE_TO_GET_ISSUER_CERT",
    "its certificate's chain has a gap: name the root authority with --cacert",
  ],
  [
    "CERT_SIGNATURE_FAILURE",
    "its certificate was not signed by the authority in --cacert, though that has the same name: name the right one",
  ],
  ["CERT_REVOKED", "its certificate is revoked: renew it there"],
]);

/** By the alert that the server sent before it hung up. */
const CLIENT_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/certificate.required/i, "it requires a client certificate: give --cert and --key"],
  [
    /unknown.ca/i,
    "it does not trust the authority of the client certificate: give --cert and --key that are signed for it",
  ],
  [
    /certificate.expired/i,
    "it finds the client certificate expired: give another --cert and --key",
  ],
  [
    /bad.certificate|certificate.unknown|unsupported.certificate|access.denied/i,
    "it refuses the client certificate, or requires one: give --cert and --key that are signed for it",
  ],
  [/no.application.protocol/i, "it speaks TLS, but no HTTP/2 over it: name etcd's client port"],
  [
    /protocol.version|unsupported.protocol|handshake.failure/i,
    "it shares no version or cipher of TLS with this client: bench takes TLS 1.2 and 1.3",
  ],
];

/**
 * @param error of a TLS socket
 * @param tls what the socket was opened with
 * @returns null where it is no matter of TLS
 */
export function tlsFault(
  error: NodeJS.ErrnoException & { reason?: string },
  tls: TlsMaterial,
): string | null {
  const { code = "" } = error;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    // Node's reason names what was asked for and what the certificate holds.
    const reason = (error.reason ?? error.message).replace(/\.$/, "");
    return `its certificate is for another name (${reason}): name one of those with --tls-server-name or in --endpoints`;
  }
  const fault = SERVER_FAULTS.get(code);
  if (fault !== undefined) return fault;
  if (!code.startsWith("ERR_SSL_") && code !== "EPROTO") return null;
  const words = `${code} ${error.reason ?? ""}`.replaceAll("_", " ");
  if (/wrong version number|packet length too long|http request|record layer/i.test(words)) {
    return `it does not speak TLS: ${howToLeaveTls(tls)}`;
  }
  const client = CLIENT_FAULTS.find(([pattern]) => pattern.test(words));
  return client?.[1] ?? `TLS failed (${error.reason ?? code}): check --cacert, --cert and --key`;
}
