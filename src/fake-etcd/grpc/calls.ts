/**
 * The calls of one connection: hands each to its method, and sends what is answered. The message of
 * a unary call is looked at only where its method reads it.
 */
import { Status } from "#wire";
import { DEFAULT_INITIAL_WINDOW_SIZE, ErrorCode } from "#wire/framing";
import { nowNs } from "../../clock.ts";
import { type Answer, failure, MAX_FRAME_BYTES } from "./answer.ts";
import type { Caller, Method, Methods, UnaryMethod } from "./methods.ts";
import { OpenStream } from "./open-stream.ts";
import type { Outgoing } from "./outgoing.ts";
import { UnaryRequests } from "./unary-requests.ts";

const NOTHING = new Uint8Array(0);

/** What all connections share. */
export interface CallOptions {
  methods: Methods;
  /** A unary call is answered, or a message of a stream has come. */
  onAnswer: () => void;
}

export class Calls implements Caller {
  readonly #methods: Methods;
  readonly #onAnswer: () => void;
  readonly #outgoing: Outgoing;
  readonly #unary = new UnaryRequests();
  /** Those that stay open, and those whose long answer is not all sent. */
  readonly #streams = new Map<number, OpenStream>();
  /** Unary calls whose method has still to answer. */
  readonly #pending = new Set<number>();
  /** What the client allows us to send on each new stream. */
  #streamWindowBytes = DEFAULT_INITIAL_WINDOW_SIZE;
  /** Of one answer: a frame fits any connection's window sooner or later. */
  #mostAtOnceBytes = MAX_FRAME_BYTES;

  constructor({ methods, onAnswer }: CallOptions, outgoing: Outgoing) {
    this.#methods = methods;
    this.#onAnswer = onAnswer;
    this.#outgoing = outgoing;
  }

  /** A call's headers have come; with `endStream` that is all of it. */
  begin(streamId: number, method: Method, endStream: boolean, receivedNs: number): void {
    if (method.isStream) {
      const stream = this.#open(streamId);
      stream.serve(method.open(stream, this));
      if (endStream) stream.clientEnded();
    } else if (endStream) {
      this.#answer(streamId, method, NOTHING, receivedNs);
    } else {
      this.#unary.begin(streamId, method);
    }
  }

  /**
   * Takes DATA of a call; returns the increment of the WINDOW_UPDATE that its stream is due, or 0.
   * Undefined: it has ended before.
   */
  data(
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
  ): number | undefined {
    const method = this.#unary.methodOf(streamId);
    if (method === undefined) {
      return this.#streams.get(streamId)?.received(bytes, start, end, flowBytes);
    }
    if (method.readsMessage) this.#unary.readMessage(streamId, bytes, start, end);
    // Given back at once: only a message of several frames is not ended by this one.
    return flowBytes;
  }

  /** The client has ended its side; false where it had done so before. */
  end(streamId: number, receivedNs: number): boolean {
    const method = this.#unary.end(streamId);
    if (method === undefined) return this.#streams.get(streamId)?.clientEnded() ?? false;
    const message = method.readsMessage ? this.#unary.takeMessage(streamId) : NOTHING;
    this.#answer(streamId, method, message, receivedNs);
    return true;
  }

  /** The client has cancelled the call. */
  reset(streamId: number, errorCode: number): void {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) stream.abort(errorCode);
    else if (this.#pending.delete(streamId)) this.#methods.cancel(this, streamId);
    else if (this.#unary.end(streamId) !== undefined) this.#unary.takeMessage(streamId);
    this.#outgoing.drop(streamId);
  }

  /** The client allows more on a stream. Of most unary calls the window covers the whole answer. */
  enlarge(streamId: number, incrementBytes: number): void {
    this.#streams.get(streamId)?.enlarge(incrementBytes);
  }

  /** What it allows on each stream from the start, those that are open included. */
  setStreamWindow(windowBytes: number): void {
    for (const stream of this.#streams.values())
      stream.enlarge(windowBytes - this.#streamWindowBytes);
    this.#streamWindowBytes = windowBytes;
    this.#mostAtOnceBytes = Math.min(MAX_FRAME_BYTES, windowBytes);
  }

  close(): void {
    this.#pending.clear();
    for (const stream of this.#streams.values()) stream.abort(ErrorCode.CANCEL);
    this.#methods.drop(this);
  }

  answerNow(streamId: number, answer: Answer): number | null {
    if (!this.#pending.delete(streamId)) return null;
    this.#send(streamId, answer);
    const now = nowNs();
    this.#outgoing.flush();
    return now;
  }

  answerLater(streamId: number, answer: Answer): boolean {
    if (!this.#pending.delete(streamId)) return false;
    this.#send(streamId, answer);
    this.#outgoing.flushSoon();
    return true;
  }

  #answer(streamId: number, method: UnaryMethod, message: Uint8Array, receivedNs: number): void {
    let answer: Answer | null;
    try {
      answer = method.answer(message, this, streamId, receivedNs);
    } catch (error) {
      answer = failure(Status.INTERNAL, String(error));
    }
    if (answer === null) this.#pending.add(streamId);
    else this.#send(streamId, answer);
  }

  #send(streamId: number, answer: Answer): void {
    this.#onAnswer();
    const { flowBytes, message } = answer;
    if (message === null || flowBytes <= this.#mostAtOnceBytes) {
      this.#outgoing.send(streamId, answer);
      return;
    }
    const stream = this.#open(streamId);
    stream.clientEnded();
    stream.sendMessage(message);
    stream.end();
  }

  #open(streamId: number): OpenStream {
    const stream = new OpenStream(streamId, this.#outgoing, this.#streamWindowBytes, {
      onMessage: this.#onAnswer,
      onOver: () => this.#streams.delete(streamId),
    });
    this.#streams.set(streamId, stream);
    return stream;
  }
}
