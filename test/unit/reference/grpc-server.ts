/** Owns a small gRPC server over node:http2 that a test scripts call by call. */
import { once } from "node:events";
import {
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { PATIENCE_MS, wokenBefore } from "../../peers/wire-peer-inbox.ts";

const PREFIX_BYTES = 5;

/** One call as the server has it. */
export class ServedCall {
  readonly path: string;
  readonly stream: ServerHttp2Stream;
  readonly #server: GrpcServer;
  /** Messages that have come whole. */
  readonly messages: Buffer[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  hasEnded = false;
  /** The code with which the client reset the stream. */
  resetCode: number | null = null;

  constructor(server: GrpcServer, stream: ServerHttp2Stream, path: string) {
    this.#server = server;
    this.stream = stream;
    this.path = path;
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    stream.on("end", () => {
      this.hasEnded = true;
      server.wake();
    });
    stream.on("close", () => {
      this.resetCode = stream.rstCode;
      server.wake();
    });
    stream.on("error", () => {});
  }

  /** Waits until the client has sent this many messages. */
  async expectMessages(count: number): Promise<Buffer[]> {
    await this.#server.until(() => this.messages.length >= count, `${count} messages`);
    return this.messages;
  }

  sendHeaders(): void {
    this.stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
  }

  sendMessage(message: Uint8Array): void {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.length, 1);
    this.stream.write(Buffer.concat([prefix, message]));
  }

  /** Ends the answer with trailers. */
  end(status: number, message = ""): void {
    this.stream.once("wantTrailers", () => {
      const text = message === "" ? {} : { "grpc-message": encodeURI(message) };
      this.stream.sendTrailers({ "grpc-status": String(status), ...text });
    });
    this.stream.end();
  }

  /** A whole answer. */
  answer(message: Uint8Array = Buffer.alloc(0)): void {
    this.sendHeaders();
    this.sendMessage(message);
    this.end(0);
  }

  /** Status and message in the one block of headers. */
  failAtOnce(status: number, message: string): void {
    this.stream.respond(
      {
        ":status": 200,
        "content-type": "application/grpc",
        "grpc-status": String(status),
        "grpc-message": encodeURI(message),
      },
      { endStream: true },
    );
  }

  #receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#bytes.readUInt32BE(1);
      if (this.#bytes.length < end) break;
      this.messages.push(this.#bytes.subarray(PREFIX_BYTES, end));
      this.#bytes = this.#bytes.subarray(end);
    }
    this.#server.wake();
  }
}

export class GrpcServer {
  readonly sessions = new Set<ServerHttp2Session>();
  readonly #server: Http2Server;
  readonly #sockets = new Set<Socket>();
  readonly #calls: ServedCall[] = [];
  readonly #wakers = new Set<() => void>();

  constructor() {
    this.#server = createServer();
    this.#server.on("session", (session) => {
      this.sessions.add(session);
      session.on("error", () => {});
      session.on("close", () => {
        this.sessions.delete(session);
        this.wake();
      });
      this.wake();
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("stream", (stream, headers) => {
      this.#calls.push(new ServedCall(this, stream, headers[":path"] ?? ""));
      this.wake();
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next call, in the order in which they came. */
  async accept(): Promise<ServedCall> {
    await this.until(() => this.#calls.length > 0, "a call");
    return this.#calls.shift()!;
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!condition()) {
      let waker = () => {};
      const isWoken = await wokenBefore(deadline, (wake) => {
        waker = wake;
        this.#wakers.add(wake);
      });
      this.#wakers.delete(waker);
      if (!isWoken) throw new Error(`waited for ${what} in vain`);
    }
  }

  wake(): void {
    for (const waker of this.#wakers) waker();
  }

  /** Without a word of HTTP/2, as a server that is killed does. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropConnections();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
