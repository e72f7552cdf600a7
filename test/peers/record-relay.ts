/**
 * Relays a TLS connection, counts its records (RFC 8446 section 5.1), and can hold back the server's
 * records so that several arrive at once.
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

const HEADER_BYTES = 5;

/** Counts complete TLS records in a byte stream, which can be split anywhere. */
class RecordCounter {
  count = 0;
  #bytes = Buffer.alloc(0);

  take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      if (this.#bytes.length < HEADER_BYTES) return;
      const endAt = HEADER_BYTES + this.#bytes.readUInt16BE(HEADER_BYTES - 2);
      if (this.#bytes.length < endAt) return;
      this.#bytes = this.#bytes.subarray(endAt);
      this.count += 1;
    }
  }
}

/** Handles one connection at a time. */
export class RecordRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  readonly #fromClient = new RecordCounter();
  readonly #fromServer = new RecordCounter();
  #client: Socket | null = null;
  #held: Buffer[] | null = null;

  private constructor(server: Server, port: number, targetPort: number) {
    this.#server = server;
    this.port = port;
    server.on("connection", (client) => {
      const target = connect({ host: "127.0.0.1", port: targetPort, noDelay: true });
      this.#client = client;
      this.#sockets.push(client, target);
      client.on("data", (chunk) => {
        this.#fromClient.take(chunk);
        target.write(chunk);
      });
      target.on("data", (chunk) => {
        this.#fromServer.take(chunk);
        if (this.#held === null) client.write(chunk);
        else this.#held.push(chunk);
      });
      // When one side ends, for any reason, the other side is ended too.
      client.on("error", () => target.destroy()).on("close", () => target.destroy());
      target.on("error", () => client.destroy()).on("close", () => client.destroy());
    });
  }

  /** Listens on a free port of 127.0.0.1 and connects to `targetPort` there. */
  static async listen(targetPort: number): Promise<RecordRelay> {
    const server = createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    return new RecordRelay(server, address.port, targetPort);
  }

  /** Number of complete records from the client. */
  get clientRecords(): number {
    return this.#fromClient.count;
  }

  /** Number of complete records from the server, including held ones. */
  get serverRecords(): number {
    return this.#fromServer.count;
  }

  /** From now on, holds what the server sends. */
  hold(): void {
    this.#held = [];
  }

  /** Sends the held records in one write. */
  release(): void {
    this.#client!.write(Buffer.concat(this.#held!));
    this.#held = null;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
