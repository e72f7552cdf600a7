/**
 * Owns the state of the call in each slot, as arrays: one request's progress is a few numbers in
 * place, and nothing is allocated for it.
 */

export const Phase = {
  /** No call. */
  FREE: 0,
  /** Not on a stream yet: no connection, or its stream limit is reached. */
  WAITING: 1,
  /** On a stream, no response headers yet. */
  SENT: 2,
  /** Response headers are here. */
  ANSWERING: 3,
} as const;

/** What is wrong with the gRPC framing of an answer; empty when nothing is. */
export type FramingFault = string;

const PREFIX_BYTES = 5;

export class CallTable {
  readonly phase: Uint8Array;
  readonly streamId: Uint32Array;
  /** Bytes received on the stream since its window was last updated. */
  readonly unreportedBytes: Float64Array;
  /** Whole messages received. */
  readonly messages: Float64Array;
  /** How many of the five prefix bytes of the current message are here. */
  readonly #prefixBytes: Uint8Array;
  /** The length in the prefix so far, and then what of the message is still to come. */
  readonly #messageBytesLeft: Float64Array;

  constructor(slots: number) {
    this.phase = new Uint8Array(slots);
    this.streamId = new Uint32Array(slots);
    this.unreportedBytes = new Float64Array(slots);
    this.messages = new Float64Array(slots);
    this.#prefixBytes = new Uint8Array(slots);
    this.#messageBytesLeft = new Float64Array(slots);
  }

  open(slot: number, streamId: number): void {
    this.phase[slot] = Phase.SENT;
    this.streamId[slot] = streamId;
    this.unreportedBytes[slot] = 0;
    this.messages[slot] = 0;
    this.#prefixBytes[slot] = 0;
    this.#messageBytesLeft[slot] = 0;
  }

  free(slot: number): void {
    this.phase[slot] = Phase.FREE;
    this.streamId[slot] = 0;
  }

  /** True between messages: an answer that ends elsewhere was cut short. */
  isBetweenMessages(slot: number): boolean {
    return this.#prefixBytes[slot] === 0 && this.#messageBytesLeft[slot] === 0;
  }

  /** Scans DATA for gRPC's length-prefixed messages; they may span frames and share them. */
  scan(slot: number, bytes: Uint8Array, start: number, end: number): FramingFault {
    let at = start;
    while (at < end) {
      const seen = this.#prefixBytes[slot]!;
      if (seen < PREFIX_BYTES) {
        const byte = bytes[at]!;
        if (seen === 0) {
          if (byte !== 0) return "the answer is compressed, which was not asked for";
          this.#messageBytesLeft[slot] = 0;
        } else {
          this.#messageBytesLeft[slot] = this.#messageBytesLeft[slot]! * 256 + byte;
        }
        this.#prefixBytes[slot] = seen + 1;
        at += 1;
        if (seen + 1 < PREFIX_BYTES || this.#messageBytesLeft[slot]! > 0) continue;
      } else {
        const taken = Math.min(this.#messageBytesLeft[slot]!, end - at);
        this.#messageBytesLeft[slot] = this.#messageBytesLeft[slot]! - taken;
        at += taken;
        if (this.#messageBytesLeft[slot]! > 0) continue;
      }
      this.messages[slot] = this.messages[slot]! + 1;
      this.#prefixBytes[slot] = 0;
    }
    return "";
  }
}
