/**
 * Keeps the state of the call in each slot, as arrays: one request's progress is a few numbers in
 * place, and nothing is allocated for it.
 */

import { readUint32 } from "./frames.ts";
import { MessageAssembly } from "./message-assembly.ts";
import { type CallListener, CallMode } from "./transport.ts";

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
/** Of a message that comes in parts and is wanted; a page of 10,000 large keys fits. */
const MAX_KEPT_MESSAGE_BYTES = 512 * 1024 * 1024;

export class CallTable {
  readonly phase: Uint8Array;
  readonly streamId: Uint32Array;
  /** A CallMode. */
  readonly mode: Uint8Array;
  /** Bytes received on the stream since its window was last updated. */
  readonly unreportedBytes: Float64Array;
  /** Whole messages received. */
  readonly messages: Float64Array;
  /** How many of the five prefix bytes of the current message are here. */
  readonly #prefixBytes: Uint8Array;
  /** The length in the prefix so far, and then what of the message is still to come. */
  readonly #messageBytesLeft: Float64Array;
  /** What is here of wanted messages that span chunks. */
  readonly #assembly = new MessageAssembly();

  constructor(slots: number) {
    this.phase = new Uint8Array(slots);
    this.streamId = new Uint32Array(slots);
    this.mode = new Uint8Array(slots);
    this.unreportedBytes = new Float64Array(slots);
    this.messages = new Float64Array(slots);
    this.#prefixBytes = new Uint8Array(slots);
    this.#messageBytesLeft = new Float64Array(slots);
  }

  open(slot: number, streamId: number, mode: CallMode = CallMode.UNARY): void {
    this.mode[slot] = mode;
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
    this.#assembly.drop(slot);
  }

  /** True between messages: an answer that ends elsewhere was cut short. */
  isBetweenMessages(slot: number): boolean {
    return this.#prefixBytes[slot] === 0 && this.#messageBytesLeft[slot] === 0;
  }

  /**
   * Scans DATA for gRPC's length-prefixed messages, which may span frames and share them, and hands
   * them to the listener where the call's mode asks for it.
   */
  scan(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    listener: CallListener,
    nowNs: number,
  ): FramingFault {
    const streamId = this.streamId[slot]!;
    const mode = this.mode[slot]!;
    const isInParts = mode >= CallMode.UNARY_PARTS;
    const isWanted = mode !== CallMode.UNARY;
    let at = start;
    while (at < end) {
      const seen = this.#prefixBytes[slot]!;
      if (seen === 0 && end - at >= PREFIX_BYTES && bytes[at] === 0) {
        const messageBytes = readUint32(bytes, at + 1);
        at += PREFIX_BYTES;
        if (messageBytes > end - at) {
          this.#prefixBytes[slot] = PREFIX_BYTES;
          this.#messageBytesLeft[slot] = messageBytes;
          continue;
        }
        // Nearly every message lies whole in its frame: nothing of it need be remembered.
        at += messageBytes;
        if (isWanted) listener.onMessage(slot, bytes, at - messageBytes, at, nowNs);
      } else if (seen < PREFIX_BYTES) {
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
        if (isWanted) listener.onMessage(slot, bytes, at, at, nowNs);
      } else {
        const left = this.#messageBytesLeft[slot]!;
        const taken = Math.min(left, end - at);
        this.#messageBytesLeft[slot] = left - taken;
        at += taken;
        if (isInParts) {
          listener.onMessage(slot, bytes, at - taken, at, nowNs);
        } else if (isWanted) {
          const fault = this.#deliver(slot, bytes, at - taken, at, listener, nowNs);
          if (fault !== "") return fault;
        }
        if (this.streamId[slot] !== streamId) return "";
        if (left > taken) continue;
      }
      if (this.streamId[slot] !== streamId) return "";
      this.messages[slot] = this.messages[slot]! + 1;
      this.#prefixBytes[slot] = 0;
    }
    return "";
  }

  /** Hands a whole message over, from where it lies if it lies in one piece. */
  #deliver(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    listener: CallListener,
    nowNs: number,
  ): FramingFault {
    const assembly = this.#assembly;
    const bytesLeft = this.#messageBytesLeft[slot]!;
    if (!assembly.has(slot)) {
      if (bytesLeft === 0) {
        listener.onMessage(slot, bytes, start, end, nowNs);
        return "";
      }
      // Its prefix has told the length: no piece of one that is too long is kept.
      if (end - start + bytesLeft > MAX_KEPT_MESSAGE_BYTES)
        return "a message is too long to be kept";
    }
    assembly.add(slot, bytes, start, end, bytesLeft);
    if (bytesLeft > 0) return "";
    const { bytes: whole, length } = assembly.take(slot);
    listener.onMessage(slot, whole, 0, length, nowNs);
    assembly.giveBack(whole);
    return "";
  }
}
