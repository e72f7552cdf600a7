/** Opens TLS connections: the certificates, server names and ALPN of every client in this program. */
import { isIP } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
} from "node:tls";

/** What a TLS client needs, as PEM text. */
export interface TlsMaterial {
  /** Authorities to trust; null: those that Node trusts. */
  ca: string | null;
  /** The client's own certificate (with its chain) and key: both or neither. */
  cert: string | null;
  key: string | null;
  /** To expect in the server's certificate and to send as SNI; null: the endpoint's host. */
  serverName: string | null;
  /** Takes any certificate. */
  skipVerify: boolean;
}

/** gRPC is HTTP/2, and HTTP/2 over TLS is what ALPN says it is (RFC 9113 section 3.2). */
export const HTTP2_PROTOCOL = "h2";

/** One for many connections: it holds the parsed certificates and the key. */
export function secureContextOf({ ca, cert, key }: TlsMaterial): SecureContext {
  return createSecureContext({
    ca: ca ?? undefined,
    cert: cert ?? undefined,
    key: key ?? undefined,
    // As Go has it.
    minVersion: "TLSv1.2",
  });
}

/** Everything but the address, for a server named `host`. */
export function connectionOptionsOf(
  material: TlsMaterial,
  host: string,
): Pick<ConnectionOptions, "servername" | "rejectUnauthorized" | "checkServerIdentity"> {
  const name = material.serverName ?? host;
  return {
    // RFC 6066 section 3 allows no address as a server name.
    servername: isIP(name) === 0 ? name : "",
    rejectUnauthorized: !material.skipVerify,
    checkServerIdentity: identityCheck(material, host),
  };
}

/** Holds the server's certificate against the name that was asked for, not the one connected to. */
export function identityCheck(
  { serverName }: TlsMaterial,
  host: string,
): (_: string, certificate: PeerCertificate) => Error | undefined {
  return (_, certificate) => checkServerIdentity(serverName ?? host, certificate);
}
