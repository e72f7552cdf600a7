/**
 * Remembers where the last DATA of the current chunk lies, so that an answer can be read when its call has
 * ended, by a listener that wants only a few of all answers. Nothing is copied.
 */
import { readUint32 } from "./frames.ts";
import type { AnswerRead } from "./transport.ts";

/** Of gRPC's length-prefixed messages: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

export class LastData {
  /** -1: there was none in this chunk. */
  #slot = -1;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  set(slot: number, bytes: Uint8Array, start: number, end: number): void {
    this.#slot = slot;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The chunk is read: its memory is lent no longer. */
  clear(): void {
    this.#slot = -1;
  }

  /** What `read` makes of it where it is one whole message of the slot's call; else 0. */
  read(slot: number, read: AnswerRead): number {
    const start = this.#start + PREFIX_BYTES;
    const end = this.#end;
    if (slot !== this.#slot || start > end || this.#bytes[this.#start] !== 0) return 0;
    const messageBytes = readUint32(this.#bytes, this.#start + 1);
    return messageBytes === end - start ? read(this.#bytes, start, end) : 0;
  }
}
