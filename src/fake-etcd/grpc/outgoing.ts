/**
 * Sends the answers of one connection: whole and in order, as far as the client's window for the
 * connection allows (RFC 9113 section 5.2); they wait whole where it does not.
 */
import type { Socket } from "node:net";
import {
  ConnectionError,
  DEFAULT_INITIAL_WINDOW_SIZE,
  ErrorCode,
  LARGEST_WINDOW_SIZE,
  Output,
} from "#wire/framing";
import type { Answer } from "./answer.ts";

/** A client that sends and never reads is cut off here, before memory grows. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

export class Outgoing {
  readonly #socket: Socket;
  readonly #unflushed: Set<Outgoing>;
  readonly #output = new Output();
  #windowBytes = DEFAULT_INITIAL_WINDOW_SIZE;
  #held: { streamId: number; answer: Answer }[] = [];

  /** @param unflushed holds it while another connection's request has it send something */
  constructor(socket: Socket, unflushed: Set<Outgoing>) {
    this.#socket = socket;
    this.#unflushed = unflushed;
  }

  /** Frames of the connection itself, which no window holds back. */
  append(frame: Uint8Array): void {
    this.#output.append(frame);
  }

  send(streamId: number, answer: Answer): void {
    if (this.#held.length > 0 || !this.#write(streamId, answer)) {
      this.#held.push({ streamId, answer });
    }
  }

  /** What waits on a stream that is gone. */
  drop(streamId: number): void {
    if (this.#held.length === 0) return;
    this.#held = this.#held.filter((held) => held.streamId !== streamId);
  }

  enlarge(incrementBytes: number): void {
    this.#windowBytes += incrementBytes;
    if (this.#windowBytes > LARGEST_WINDOW_SIZE) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the window went above 2^31-1");
    }
    let sent = 0;
    for (const { streamId, answer } of this.#held) {
      if (!this.#write(streamId, answer)) break;
      sent += 1;
    }
    if (sent > 0) this.#held = this.#held.slice(sent);
  }

  /** With all others, when what has been received is answered. */
  flushSoon(): void {
    this.#unflushed.add(this);
  }

  flush(): void {
    this.#output.flush(this.#socket);
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy();
  }

  /** False where the window does not hold the answer. */
  #write(streamId: number, answer: Answer): boolean {
    if (answer.flowBytes > this.#windowBytes) return false;
    this.#windowBytes -= answer.flowBytes;
    const at = this.#output.reserve(answer.bytes.length);
    answer.write(this.#output.buffer, at, streamId);
    return true;
  }
}
