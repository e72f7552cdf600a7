/** Writes a protobuf message field by field, and hands it on in pieces. */
import { Base64Reader, base64Octets } from "./base64.ts";

/** Is lent the octets of the message from 0 to `end`, which follow those before. */
export type PartHandler = (bytes: Buffer, end: number) => void;

/** Whole fields of this size together are handed on. */
const PART_BYTES = 16 * 1024;
const FIRST_ROOM_BYTES = 512;
/** Larger memory is left to the garbage collector, so that one large field does not stay. */
const LARGEST_KEPT_BYTES = 1024 * 1024;
/** No field of an etcd's answer is so large: a server that sends without end is refused. */
const MOST_ROOM_BYTES = 64 * 1024 * 1024;
/** Room for a length that is not known yet: that of 2^35 octets. */
const LENGTH_BYTES = 5;
const LONGEST_VARINT_BYTES = 10;
const TWO_32 = 2 ** 32;
const ZERO = 0x30;

export class AnswerMessage {
  /** What cannot be written; empty: nothing. */
  fault = "";
  readonly #onPart: PartHandler;
  readonly #base64 = new Base64Reader();
  #out = Buffer.allocUnsafeSlow(FIRST_ROOM_BYTES);
  #length = 0;
  /** Where the octets of open messages and bytes start, outermost first. */
  readonly #starts: number[] = [];
  #open = 0;

  constructor(onPart: PartHandler) {
    this.#onPart = onPart;
  }

  begin(): void {
    this.fault = "";
    this.#length = 0;
    this.#open = 0;
    if (this.#out.length > LARGEST_KEPT_BYTES) this.#out = Buffer.allocUnsafeSlow(FIRST_ROOM_BYTES);
  }

  handOn(): void {
    if (this.#length === 0) return;
    const end = this.#length;
    this.#length = 0;
    this.#onPart(this.#out, end);
  }

  openMessage(tag: number): void {
    this.#room(1 + LENGTH_BYTES);
    this.#out[this.#length] = tag;
    this.#length += 1 + LENGTH_BYTES;
    this.#starts[this.#open++] = this.#length;
  }

  /** Writes the length before what has come since the message was opened. */
  closeMessage(): void {
    const start = this.#starts[--this.#open]!;
    const octets = this.#length - start;
    const lengthAt = start - LENGTH_BYTES;
    this.#length = lengthAt;
    this.#varint(octets, 0);
    // The room for the length was one for the longest.
    if (octets > 0) this.#out.copyWithin(this.#length, start, start + octets);
    this.#length += octets;
    if (this.#open === 0 && this.#length >= PART_BYTES) this.handOn();
  }

  openBytes(tag: number): void {
    this.openMessage(tag);
    this.#base64.begin(this.#length);
  }

  /** Reads `bytes[start, end)` up to the first octet that is no digit, and returns where that is. */
  addBase64(bytes: Uint8Array, start: number, end: number): number {
    this.#room(base64Octets(end - start));
    if (this.fault !== "") return start;
    const next = this.#base64.read(bytes, start, end, this.#out);
    this.#length = this.#base64.at;
    return next;
  }

  /** As in proto3, a field without octets is left out. */
  closeBytes(): void {
    if (!this.#base64.end(this.#out)) this.fault = "base64 is cut off";
    this.#length = this.#base64.at;
    const start = this.#starts[this.#open - 1]!;
    if (this.#length > start) {
      this.closeMessage();
    } else {
      this.#open -= 1;
      this.#length = start - LENGTH_BYTES - 1;
    }
  }

  addTrue(tag: number): void {
    this.#room(2);
    this.#out[this.#length++] = tag;
    this.#out[this.#length++] = 1;
  }

  /** The integer that the first `length` octets of `digits` are; false where they are none. */
  addInteger(tag: number, digits: Uint8Array, length: number): boolean {
    if (length === 0 || length > digits.length) return false;
    let low = 0;
    let high = 0;
    for (let at = 0; at < length; at++) {
      const digit = digits[at]! - ZERO;
      if (digit < 0 || digit > 9) return false;
      low = low * 10 + digit;
      high = high * 10 + Math.floor(low / TWO_32);
      low %= TWO_32;
    }
    if (high >= TWO_32) return false;
    if (low === 0 && high === 0) return true;
    this.#room(1 + LONGEST_VARINT_BYTES);
    this.#out[this.#length++] = tag;
    this.#varint(low, high);
    return true;
  }

  /** Of 64 bits in two halves; there is room. */
  #varint(lowBits: number, highBits: number): void {
    const out = this.#out;
    let low = lowBits;
    let high = highBits;
    while (high > 0 || low >= 0x80) {
      out[this.#length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | ((high & 0x7f) << 25)) >>> 0;
      high >>>= 7;
    }
    out[this.#length++] = low;
  }

  #room(octets: number): void {
    const needed = this.#length + octets;
    if (needed <= this.#out.length) return;
    if (needed > MOST_ROOM_BYTES) {
      this.fault = `a field of the answer is longer than ${MOST_ROOM_BYTES / 1024 / 1024} MiB`;
      this.#length = 0;
      this.#open = 0;
      return;
    }
    const size = Math.max(needed, Math.min(2 * this.#out.length, MOST_ROOM_BYTES));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }
}
