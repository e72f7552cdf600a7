/**
 * Owns one stream of the null server whose answers may have to wait, of watchers, of keep-alives, of
 * an observer or of a long answer: its messages in, and messages out as far as the client's window
 * for the stream allows.
 */
import { ReceiveWindow, STREAM_WINDOW_BYTES } from "#wire/framing";
import type { Answer, Answers } from "./answers.ts";
import { MessageReader, type OnRequestMessage } from "./message-reader.ts";
import type { Outgoing } from "./outgoing.ts";

export class OpenStream {
  /** The client's end of its side does not end it. */
  readonly staysOpen: boolean;
  readonly #id: number;
  readonly #outgoing: Outgoing;
  readonly #answers: Answers;
  readonly #reader: MessageReader | null;
  /** Updates are rare, as etcd's are. */
  readonly #receiveWindow = new ReceiveWindow(STREAM_WINDOW_BYTES);
  #windowBytes: number;
  #hasHeaders = false;
  isEnded = false;
  #held: Answer[] = [];

  constructor(
    id: number,
    outgoing: Outgoing,
    answers: Answers,
    { windowBytes, staysOpen }: { windowBytes: number; staysOpen: boolean },
    /** Null: the request has been read. */
    onMessage: OnRequestMessage | null,
  ) {
    this.#id = id;
    this.#outgoing = outgoing;
    this.#answers = answers;
    this.#windowBytes = windowBytes;
    this.staysOpen = staysOpen;
    this.#reader = onMessage === null ? null : new MessageReader(onMessage);
  }

  /** Returns the increment of the WINDOW_UPDATE that is due, or 0. */
  received(bytes: Uint8Array, start: number, end: number, flowBytes: number): number {
    this.#reader?.read(bytes, start, end);
    return this.#receiveWindow.received(flowBytes);
  }

  /** The parts of a message. */
  sendAll(answers: readonly Answer[]): void {
    for (const answer of answers) this.send(answer);
  }

  send(answer: Answer): void {
    if (!this.#hasHeaders) {
      this.#hasHeaders = true;
      this.#outgoing.send(this.#id, this.#answers.streamHeaders);
    }
    if (this.#held.length > 0 || answer.flowBytes > this.#windowBytes) {
      this.#held.push(answer);
      return;
    }
    this.#windowBytes -= answer.flowBytes;
    this.#outgoing.send(this.#id, answer);
    this.#outgoing.flushSoon();
  }

  enlarge(incrementBytes: number): void {
    this.#windowBytes += incrementBytes;
    const held = this.#held;
    this.#held = [];
    for (const answer of held) this.send(answer);
  }

  /** Nothing is sent behind what has been. */
  end(): void {
    this.isEnded = true;
    this.send(this.#answers.streamTrailers);
  }

  get isAllSent(): boolean {
    return this.#held.length === 0;
  }
}
