/**
 * Opens the sockets of one worker's connections: TCP, or TLS with one secure context for all of
 * them and sessions resumed. The kernel's bytes are read into one buffer that all share.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { splitEndpoint } from "./host-port.ts";
import {
  connectionOptionsOf,
  HTTP2_PROTOCOL,
  secureContextOf,
  type TlsMaterial,
} from "./tls-connect.ts";

const READ_BUFFER_BYTES = 65_536;
/** Each handshake costs both sides milliseconds: more at once only wait for each other. */
const TLS_HANDSHAKES_AT_ONCE = 64;

/** What is to be spoken over TLS, as ALPN has it (RFC 7301). */
export interface Alpn {
  readonly protocol: string;
  /** What is said of a server that speaks TLS and chose another protocol, or none. */
  readonly refused: string;
  /** A server that chose none speaks it, too. */
  readonly isDefault: boolean;
}

export const HTTP2: Alpn = {
  protocol: HTTP2_PROTOCOL,
  refused: "the server speaks TLS, but chose no HTTP/2 (ALPN h2) over it",
  isDefault: false,
};

export const HTTP1: Alpn = {
  protocol: "http/1.1",
  refused: "the server speaks TLS, but chose no HTTP/1.1 (ALPN http/1.1) over it",
  isDefault: true,
};

export class SocketOpener {
  readonly #tls: TlsMaterial | null;
  readonly #secureContext: SecureContext | null;
  readonly #alpn: Alpn;
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  /** The newest ticket of each endpoint: resuming spares both sides the signatures. */
  readonly #sessions = new Map<string, Buffer>();

  constructor(tls: TlsMaterial | null, alpn: Alpn) {
    this.#tls = tls;
    this.#alpn = alpn;
    this.#secureContext = tls === null ? null : secureContextOf(tls);
  }

  get isSecure(): boolean {
    return this.#tls !== null;
  }

  /** Opens connections that use these sockets. Rejects with the reason of the first that fails. */
  async openAll(connections: readonly { open(): Promise<void> }[]): Promise<void> {
    const atOnce = this.isSecure ? TLS_HANDSHAKES_AT_ONCE : connections.length;
    const rest = connections.values();
    const openRest = async () => {
      for (const connection of rest) await connection.open();
    };
    await Promise.all(Array.from({ length: atOnce }, openRest));
  }

  /**
   * Starts to connect; bytes may be written at once.
   * @param endpoint `host:port`
   * @param onBytes is lent the bytes until it returns
   */
  open(endpoint: string, onBytes: (bytes: Uint8Array, lengthBytes: number) => void): Socket {
    const { host, port } = splitEndpoint(endpoint);
    const options = {
      host,
      port,
      noDelay: true,
      onread: {
        buffer: this.#readBuffer,
        callback: (lengthBytes: number, bytes: Uint8Array) => {
          onBytes(bytes, lengthBytes);
          return true;
        },
      },
    };
    if (this.#tls === null) return connectTcp(options);
    const { protocol, refused, isDefault } = this.#alpn;
    const socket = connectTls({
      ...options,
      ...connectionOptionsOf(this.#tls, host),
      secureContext: this.#secureContext!,
      ALPNProtocols: [protocol],
      session: this.#sessions.get(endpoint),
    });
    socket.on("session", (session) => this.#sessions.set(endpoint, session));
    socket.on("secureConnect", () => {
      const chosen = socket.alpnProtocol;
      // Node has false where the server chose none, and null where it does not know ALPN.
      if (chosen === protocol || (isDefault && !chosen)) return;
      socket.destroy(new Error(refused));
    });
    return socket;
  }
}
