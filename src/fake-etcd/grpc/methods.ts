/** What a server's methods are: how each takes the messages of a call and answers them. */
import type { Answer } from "./answer.ts";
import type { OpenStream } from "./open-stream.ts";

/** One connection, on which calls are answered that could not be at once. */
export interface Caller {
  /**
   * Answers a call with all that is sent for the current request, or the next one. False where the
   * client has cancelled the call or has gone.
   */
  answerLater(streamId: number, answer: Answer): boolean;
  /** Answers at once. Returns the time just before the bytes went to the kernel, or null as above. */
  answerNow(streamId: number, answer: Answer): number | null;
}

export interface UnaryMethod {
  readonly isStream: false;
  /** False: the answer does not depend on the message, which is then empty. */
  readonly readsMessage: boolean;
  /** Null: the answer comes later, through `caller`. An error fails the call as INTERNAL. */
  answer(message: Uint8Array, caller: Caller, streamId: number, receivedNs: number): Answer | null;
}

export interface StreamMethod {
  readonly isStream: true;
  /** `caller` is the same for all streams of a connection. */
  open(stream: OpenStream, caller: Caller): StreamHandler;
}

export interface StreamHandler {
  /** One message of the client's, `bytes[start, end)`, which is only lent. */
  message(bytes: Uint8Array, start: number, end: number): void;
  /** The client sends no more. */
  end(): void;
  /** The stream is over: both sides have ended (0), or the client reset it or has gone. */
  close(errorCode: number): void;
}

export type Method = UnaryMethod | StreamMethod;

/** The methods that a connection's calls are for. */
export interface Methods {
  /** `path` is `/package.Service/Method`. */
  of(path: string): Method;
  /** The client has cancelled a call that waits for its answer. */
  cancel(caller: Caller, streamId: number): void;
  /** The connection has closed. */
  drop(caller: Caller): void;
}
