/**
 * One stream whose answers may have to wait: its messages in, and messages out as far as the
 * client's window for the stream allows (RFC 9113 section 5.2).
 */
import { Status } from "#wire";
import { ErrorCode, ReceiveWindow, STREAM_WINDOW_BYTES } from "#wire/framing";
import { type Answer, messagePieces, STREAM_HEADERS, trailers } from "./answer.ts";
import { MessageReader } from "./message-reader.ts";
import type { StreamHandler } from "./methods.ts";
import type { Outgoing } from "./outgoing.ts";

const OK_TRAILERS = trailers(Status.OK, "");

export interface OpenStreamEvents {
  /** A message of the client's has come. */
  onMessage(): void;
  /** Both sides have ended and all has been sent, or the stream was aborted. */
  onOver(): void;
}

export class OpenStream {
  readonly #id: number;
  readonly #outgoing: Outgoing;
  readonly #events: OpenStreamEvents;
  #handler: StreamHandler | null = null;
  readonly #reader = new MessageReader((bytes, start, end) => this.#received(bytes, start, end));
  /** Updates are rare, as etcd's are. */
  readonly #receiveWindow = new ReceiveWindow(STREAM_WINDOW_BYTES);
  readonly #initialWindowBytes: number;
  #windowBytes: number;
  #hasHeaders = false;
  #hasClientEnded = false;
  #hasEnded = false;
  #isOver = false;
  #held: Answer[] = [];

  constructor(id: number, outgoing: Outgoing, windowBytes: number, events: OpenStreamEvents) {
    this.#id = id;
    this.#outgoing = outgoing;
    this.#initialWindowBytes = windowBytes;
    this.#windowBytes = windowBytes;
    this.#events = events;
  }

  serve(handler: StreamHandler): void {
    this.#handler = handler;
  }

  /** Returns the increment of the WINDOW_UPDATE that is due, or 0. */
  received(bytes: Uint8Array, start: number, end: number, flowBytes: number): number {
    this.#reader.read(bytes, start, end);
    return this.#receiveWindow.received(flowBytes);
  }

  /** The client has ended its side; false where it had done so before. */
  clientEnded(): boolean {
    if (this.#hasClientEnded) return false;
    this.#hasClientEnded = true;
    this.#handler?.end();
    this.#endWhenAllSent();
    return true;
  }

  /** The client has reset it, or has gone. */
  abort(errorCode: number): void {
    this.#over(errorCode);
  }

  sendMessage(message: Uint8Array): void {
    for (const piece of messagePieces(message, this.#initialWindowBytes)) this.send(piece);
  }

  /** The parts of a message, which several streams may share. */
  sendAll(pieces: readonly Answer[]): void {
    for (const piece of pieces) this.send(piece);
  }

  send(answer: Answer): void {
    this.sendHeaders();
    this.#sendInTurn(answer);
  }

  /** Before the first message, where there is none yet to send. */
  sendHeaders(): void {
    if (this.#hasHeaders) return;
    this.#hasHeaders = true;
    this.#sendInTurn(STREAM_HEADERS);
  }

  /** Ends the answer, after all that waits to be sent. */
  end(last: Answer = OK_TRAILERS): void {
    this.sendHeaders();
    this.endWith(last);
  }

  /** Ends it with frames that need no headers before them: a refusal, say. */
  endWith(last: Answer): void {
    if (this.#hasEnded || this.#isOver) return;
    this.#hasEnded = true;
    this.#hasHeaders = true;
    this.#sendInTurn(last);
    this.#endWhenAllSent();
  }

  /** What has been sent need not wait for the end of what has been received. */
  flush(): void {
    this.#outgoing.flush();
  }

  enlarge(incrementBytes: number): void {
    this.#windowBytes += incrementBytes;
    const held = this.#held;
    this.#held = [];
    for (const answer of held) this.#sendInTurn(answer);
    this.#endWhenAllSent();
  }

  #sendInTurn(answer: Answer): void {
    if (this.#isOver) return;
    if (this.#held.length > 0 || answer.flowBytes > this.#windowBytes) {
      this.#held.push(answer);
      return;
    }
    this.#windowBytes -= answer.flowBytes;
    this.#outgoing.send(this.#id, answer);
    this.#outgoing.flushSoon();
  }

  #endWhenAllSent(): void {
    if (this.#hasEnded && this.#hasClientEnded && this.#held.length === 0) {
      this.#over(ErrorCode.NO_ERROR);
    }
  }

  #over(errorCode: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onOver();
    this.#handler?.close(errorCode);
  }

  #received(bytes: Uint8Array, start: number, end: number): void {
    this.#events.onMessage();
    this.#handler?.message(bytes, start, end);
  }
}
