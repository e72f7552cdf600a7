/**
 * Scripted HTTP/2 server for tests of a client:
 *
 *     const peer = await WirePeer.listen();
 *     // the client connects to 127.0.0.1:${peer.port}
 *     const connection = await peer.accept();
 *     await connection.handshake();
 *     const { streamId } = await connection.expectHeaders();
 *     connection.sendGrpcOk(streamId);
 *     await peer.close();
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { PeerConnection } from "./wire-peer-connection.ts";
import { PATIENCE_MS, wokenBefore } from "./wire-peer-inbox.ts";

export { grpcMessage, PeerConnection } from "./wire-peer-connection.ts";

export class WirePeer {
  readonly port: number;
  readonly #server: Server;
  readonly #accepted: PeerConnection[] = [];
  readonly #all: PeerConnection[] = [];
  #wake: () => void = () => {};

  private constructor(server: Server, port: number, isSecure: boolean) {
    this.#server = server;
    this.port = port;
    server.on(isSecure ? "secureConnection" : "connection", (socket: Socket) => {
      const connection = new PeerConnection(socket);
      this.#accepted.push(connection);
      this.#all.push(connection);
      this.#wake();
    });
  }

  /** Listens on a free port of 127.0.0.1; uses TLS when `tls` is given. */
  static async listen(tls?: TlsOptions): Promise<WirePeer> {
    const server = tls
      ? createTlsServer({ ...tls, noDelay: true })
      : createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    return new WirePeer(server, address.port, tls !== undefined);
  }

  /** The next connection, in order of arrival. */
  async accept(options: { timeoutMs?: number } = {}): Promise<PeerConnection> {
    const deadline = Date.now() + (options.timeoutMs ?? PATIENCE_MS);
    while (this.#accepted.length === 0) {
      const isWoken = await wokenBefore(deadline, (wake) => {
        this.#wake = wake;
      });
      if (!isWoken) throw new Error("expected a connection, none came");
    }
    return this.#accepted.shift()!;
  }

  /** Refuses new connections and destroys the existing ones. */
  async close(): Promise<void> {
    for (const connection of this.#all) connection.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
