/**
 * Owns the sockets under one worker's connections: TCP, or TLS with one secure context for all of
 * them and sessions resumed, and the kernel's bytes read into one buffer that all share.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { splitEndpoint } from "../net/host-port.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import { connectionOptionsOf, HTTP2_PROTOCOL, secureContextOf } from "../net/tls-connect.ts";

const READ_BUFFER_BYTES = 65_536;

export class SocketOpener {
  readonly #tls: TlsMaterial | null;
  readonly #secureContext: SecureContext | null;
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  /** The newest ticket of each endpoint: resuming spares both sides the signatures. */
  readonly #sessions = new Map<string, Buffer>();

  constructor(tls: TlsMaterial | null) {
    this.#tls = tls;
    this.#secureContext = tls === null ? null : secureContextOf(tls);
  }

  get isSecure(): boolean {
    return this.#tls !== null;
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
    const socket = connectTls({
      ...options,
      ...connectionOptionsOf(this.#tls, host),
      secureContext: this.#secureContext!,
      ALPNProtocols: [HTTP2_PROTOCOL],
      session: this.#sessions.get(endpoint),
    });
    socket.on("session", (session) => this.#sessions.set(endpoint, session));
    socket.on("secureConnect", () => {
      if (socket.alpnProtocol === HTTP2_PROTOCOL) return;
      socket.destroy(new Error("the server speaks TLS, but chose no HTTP/2 (ALPN h2) over it"));
    });
    return socket;
  }
}
