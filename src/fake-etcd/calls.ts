/**
 * Owns the calls of one connection of the null server: what is answered to each, when, and for the
 * streams that stay open who sends on them. What a unary request holds beside its path is looked at
 * only where its answer depends on it.
 */

import { DEFAULT_INITIAL_WINDOW_SIZE } from "#wire/framing";
import { nowNs } from "../clock.ts";
import {
  type Answer,
  type Answers,
  fitsOneFrame,
  KEEP_ALIVE_PATH,
  messagePieces,
  PUT_PATH,
  WATCH_PATH,
  wholeAnswer,
} from "./answers.ts";
import { type Answerable, CONTENTION_PATHS, type Contention, OBSERVE_PATH } from "./contention.ts";
import { KEPT_PATHS, type KeptRequests } from "./kept-requests.ts";
import { OpenStream } from "./open-stream.ts";
import type { Outgoing } from "./outgoing.ts";
import { UnaryRequests } from "./unary-requests.ts";
import type { NullWatchers } from "./watchers.ts";

/** Takes the puts that are to be answered later; `answerNow` is called when it is time. */
export interface PutDelayer {
  add(calls: Calls, streamId: number, receivedNs: number): void;
}

/** What all connections share. */
export interface CallOptions {
  answers: Answers;
  /** Null: puts are answered at once, as everything else. */
  delayer: PutDelayer | null;
  watchers: NullWatchers;
  contention: Contention;
  /** Null: nothing is kept, and what is read and written has one answer for all. */
  kept: KeptRequests | null;
  onAnswer: (count: number) => void;
}

export class Calls implements Answerable {
  readonly #options: CallOptions;
  readonly #outgoing: Outgoing;
  readonly #unary = new UnaryRequests();
  /** Those that stay open, and those whose long answer is not all sent. */
  readonly #streams = new Map<number, OpenStream>();
  /** Streams whose answer the delayer has still to give. */
  readonly #delayed = new Set<number>();
  /** What the client allows us to send on each new stream. */
  #streamWindowBytes = DEFAULT_INITIAL_WINDOW_SIZE;
  #isClosed = false;

  constructor(options: CallOptions, outgoing: Outgoing) {
    this.#options = options;
    this.#outgoing = outgoing;
  }

  /** A call's headers have come; with `endStream` that is all of it. */
  begin(streamId: number, path: string, endStream: boolean, receivedNs: number): void {
    if (path === WATCH_PATH || path === KEEP_ALIVE_PATH || path === OBSERVE_PATH) {
      this.#streams.set(streamId, this.#makeStream(streamId, path));
      if (endStream) this.end(streamId, receivedNs);
    } else if (endStream) {
      this.#complete(streamId, path, receivedNs);
    } else {
      this.#unary.begin(streamId, path);
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
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) return stream.received(bytes, start, end, flowBytes);
    const path = this.#unary.pathOf(streamId);
    if (path === undefined) return undefined;
    if (this.#isMessageWanted(path)) this.#unary.readMessage(streamId, bytes, start, end);
    // Given back at once: only a message of several frames is not ended by this one.
    return flowBytes;
  }

  /** The client has ended its side; false where it had done so before. */
  end(streamId: number, receivedNs: number): boolean {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) {
      if (stream.isEnded) return false;
      // That is where an observer's stream begins.
      if (stream.staysOpen) return true;
      this.#forget(stream);
      stream.end();
      if (stream.isAllSent) this.#streams.delete(streamId);
      return true;
    }
    const path = this.#unary.end(streamId);
    if (path === undefined) return false;
    this.#complete(streamId, path, receivedNs);
    return true;
  }

  /** The client has given the call up. */
  reset(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#unary.end(streamId);
      this.#unary.takeMessage(streamId);
      this.#delayed.delete(streamId);
      this.#options.contention.cancel(this, streamId);
    } else {
      this.#streams.delete(streamId);
      this.#forget(stream);
    }
    this.#outgoing.drop(streamId);
  }

  /** The client allows more on a stream. Of most unary calls the window covers the whole answer. */
  enlarge(streamId: number, incrementBytes: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.enlarge(incrementBytes);
    if (stream.isEnded && stream.isAllSent) this.#streams.delete(streamId);
  }

  /** What it allows on each stream from the start, those that are open included. */
  setStreamWindow(windowBytes: number): void {
    for (const stream of this.#streams.values())
      stream.enlarge(windowBytes - this.#streamWindowBytes);
    this.#streamWindowBytes = windowBytes;
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.values()) this.#forget(stream);
    this.#options.contention.drop(this);
  }

  /**
   * Answers a put that was delayed. Returns the moment just before the bytes went to the kernel,
   * or null where the client has gone or has cancelled it.
   */
  answerNow(streamId: number): number | null {
    if (this.#isClosed || !this.#delayed.delete(streamId)) return null;
    this.#answer(streamId, PUT_PATH);
    const now = nowNs();
    this.#outgoing.flush();
    return now;
  }

  /** To a call that another one's request lets be answered, or its own. */
  answerLater(streamId: number, answer: Answer): void {
    if (this.#isClosed) return;
    this.#options.onAnswer(1);
    this.#outgoing.send(streamId, answer);
    this.#outgoing.flushSoon();
  }

  #makeStream(streamId: number, path: string): OpenStream {
    const { answers, watchers, contention, onAnswer } = this.#options;
    const stream: OpenStream = new OpenStream(
      streamId,
      this.#outgoing,
      answers,
      { windowBytes: this.#streamWindowBytes, staysOpen: path === OBSERVE_PATH },
      (bytes, start, end) => {
        onAnswer(1);
        if (path === KEEP_ALIVE_PATH) stream.send(answers.keepAlive);
        else if (path === OBSERVE_PATH) contention.observe(stream, bytes.subarray(start, end));
        else onAnswer(watchers.request(stream, bytes.subarray(start, end)));
      },
    );
    return stream;
  }

  #forget(stream: OpenStream): void {
    this.#options.watchers.drop(stream);
    this.#options.contention.observeNoMore(stream);
  }

  #isMessageWanted(path: string): boolean {
    const { kept, watchers } = this.#options;
    if (kept !== null && KEPT_PATHS.has(path)) return true;
    return path === PUT_PATH ? !watchers.isEmpty : CONTENTION_PATHS.has(path);
  }

  #complete(streamId: number, path: string, receivedNs: number): void {
    const { delayer, watchers, contention, kept, onAnswer } = this.#options;
    if (this.#isMessageWanted(path)) {
      const message = this.#unary.takeMessage(streamId);
      if (kept !== null && KEPT_PATHS.has(path)) {
        this.#answerWith(streamId, kept.answer(path, message));
        return;
      }
      if (path !== PUT_PATH) {
        contention.request(this, streamId, path, message);
        return;
      }
      // Events: they are counted as answers are.
      onAnswer(watchers.put(message));
    }
    if (delayer !== null && path === PUT_PATH) {
      this.#delayed.add(streamId);
      delayer.add(this, streamId, receivedNs);
    } else {
      this.#answer(streamId, path);
    }
  }

  #answer(streamId: number, path: string): void {
    const { answers, onAnswer } = this.#options;
    onAnswer(1);
    this.#outgoing.send(streamId, answers.unary.get(path) ?? answers.unimplemented);
  }

  /** `message`: null where the request is not understood. */
  #answerWith(streamId: number, message: Uint8Array | null): void {
    const { answers, onAnswer } = this.#options;
    onAnswer(1);
    if (message === null) {
      this.#outgoing.send(streamId, answers.unimplemented);
      return;
    }
    if (fitsOneFrame(message)) {
      this.#outgoing.send(streamId, wholeAnswer(message));
      return;
    }
    const windowBytes = this.#streamWindowBytes;
    const options = { windowBytes, staysOpen: false };
    const stream = new OpenStream(streamId, this.#outgoing, answers, options, null);
    stream.sendAll(messagePieces(message, windowBytes));
    stream.end();
    if (!stream.isAllSent) this.#streams.set(streamId, stream);
  }
}
