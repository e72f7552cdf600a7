/** TCP peers that keep all received bytes, and a server that echoes or only listens. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { until } from "../harness/conditions.ts";

/** One end of a connection, with the bytes that it received. */
export class ByteEnd {
  readonly socket: Socket;
  readonly parts: Buffer[] = [];
  hasEnded = false;
  /** The code of the error that closed it; empty without an error. */
  failed = "";

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => this.parts.push(bytes));
    socket.on("end", () => {
      this.hasEnded = true;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.failed = error.code ?? error.message;
    });
  }

  get text(): string {
    return Buffer.concat(this.parts).toString("latin1");
  }

  get receivedBytes(): number {
    return this.parts.reduce((sum, { length }) => sum + length, 0);
  }

  async receives(text: string): Promise<void> {
    await until(`${text} arrives`, () => this.text.includes(text));
  }

  async isReset(): Promise<void> {
    await until("a reset arrives", () => this.failed === "ECONNRESET");
  }
}

export class BytePeer {
  readonly ends: ByteEnd[] = [];
  readonly #server: Server;

  static async start(onEnd: (end: ByteEnd) => void = () => {}): Promise<BytePeer> {
    const peer = new BytePeer(onEnd);
    await new Promise<void>((resolve) => peer.#server.listen(0, "127.0.0.1", resolve));
    return peer;
  }

  /** Starts a peer that sends back what it receives. */
  static echo(): Promise<BytePeer> {
    return BytePeer.start(({ socket }) => socket.pipe(socket));
  }

  private constructor(onEnd: (end: ByteEnd) => void) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const end = new ByteEnd(socket);
      this.ends.push(end);
      onEnd(end);
    });
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const { socket } of this.ends) socket.destroy();
  }
}

export function connectEnd(port: number): ByteEnd {
  return new ByteEnd(connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true }));
}
