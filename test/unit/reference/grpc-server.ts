/** A gRPC server that a test scripts call by call. */
import { Answer, failure, headersAnswer, trailers } from "../../../src/fake-etcd/grpc/answer.ts";
import type { Caller, Methods } from "../../../src/fake-etcd/grpc/methods.ts";
import type { OpenStream } from "../../../src/fake-etcd/grpc/open-stream.ts";
import {
  type GrpcServer as RunningServer,
  startGrpcServer,
} from "../../../src/fake-etcd/grpc/server.ts";
import { rstStreamFrame } from "../../../src/wire/frames.ts";
import { PATIENCE_MS, wokenBefore } from "../../peers/wire-peer-inbox.ts";

/** One call on the server's side. */
export class ServedCall {
  readonly path: string;
  /** The same object for all calls of a connection. */
  readonly connection: Caller;
  readonly #stream: OpenStream;
  readonly #server: GrpcServer;
  /** Complete messages. */
  readonly messages: Buffer[] = [];
  hasEnded = false;
  /** The code of the client's reset of the stream; 0 when both sides have ended. */
  resetCode: number | null = null;

  constructor(server: GrpcServer, stream: OpenStream, connection: Caller, path: string) {
    this.#server = server;
    this.#stream = stream;
    this.connection = connection;
    this.path = path;
  }

  message(bytes: Uint8Array): void {
    this.messages.push(Buffer.from(bytes));
    this.#server.wake();
  }

  /** The client has ended its side. */
  ended(): void {
    this.hasEnded = true;
    this.#server.wake();
  }

  closed(code: number): void {
    this.resetCode = code;
    this.#server.wake();
  }

  /** Waits until the client has sent this many messages. */
  async expectMessages(count: number): Promise<Buffer[]> {
    await this.#server.until(() => this.messages.length >= count, `${count} messages`);
    return this.messages;
  }

  sendHeaders(): void {
    this.#stream.sendHeaders();
    this.#stream.flush();
  }

  sendMessage(message: Uint8Array): void {
    this.sendMessages([message]);
  }

  /** In one write. */
  sendMessages(messages: readonly Uint8Array[]): void {
    for (const message of messages) this.#stream.sendMessage(message);
    this.#stream.flush();
  }

  /** Ends the answer with trailers. */
  end(status: number, message = ""): void {
    this.#stream.end(trailers(status, message));
    this.#stream.flush();
  }

  /** Answers with one message and ends the call. */
  answer(message: Uint8Array = Buffer.alloc(0)): void {
    this.sendMessage(message);
    this.end(0);
  }

  /** Fails with status and message in a single block of headers. */
  failAtOnce(status: number, message: string): void {
    this.#endWith(failure(status, message));
  }

  /** An HTTP answer that is not gRPC. */
  failAsHttp(httpStatus: number): void {
    const fields = [
      [":status", String(httpStatus)],
      ["content-type", "text/html"],
    ] as const;
    this.#endWith(headersAnswer(fields, true));
  }

  /** Resets the stream. */
  reset(errorCode: number): void {
    this.#endWith(new Answer([rstStreamFrame(0, errorCode)], 0));
  }

  #endWith(last: Answer): void {
    this.#stream.endWith(last);
    this.#stream.flush();
  }
}

export class GrpcServer {
  #server: RunningServer | undefined;
  readonly #calls: ServedCall[] = [];
  readonly #wakers = new Set<() => void>();
  readonly #methods: Methods = {
    of: (path) => ({
      isStream: true,
      open: (stream, caller) => {
        const call = new ServedCall(this, stream, caller, path);
        this.#calls.push(call);
        this.wake();
        return {
          message: (bytes, start, end) => call.message(bytes.subarray(start, end)),
          end: () => call.ended(),
          close: (code) => call.closed(code),
        };
      },
    }),
    cancel() {},
    drop() {},
  };

  async listen(): Promise<string> {
    this.#server = await startGrpcServer({
      methods: () => this.#methods,
      onConnections: () => this.wake(),
    });
    return `127.0.0.1:${this.#server.port}`;
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#server?.connections ?? 0;
  }

  /** The next call, in order of arrival. */
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

  /** Drops all connections without an HTTP/2 frame, as a killed server does. */
  dropConnections(): void {
    this.#server?.dropConnections();
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}
