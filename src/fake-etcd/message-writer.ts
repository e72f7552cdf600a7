/**
 * Owns the writing of protobuf messages field by field, for answers that the null server puts
 * together from what it keeps: several times cheaper than an encoder that takes objects.
 */

/** Wire types of protobuf's encoding. */
const VARINT = 0;
const LEN = 2;
const MAX_VARINT_BYTES = 10;
const FIRST_BYTES = 4_096;

export class MessageWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  /** A whole number from 0 up; 0, proto3's default, is left out. Field numbers end at 15. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    this.#reserve(1 + MAX_VARINT_BYTES);
    this.#tag(field, VARINT);
    this.#varint(value);
    return this;
  }

  flag(field: number, value: boolean): this {
    return this.number(field, value ? 1 : 0);
  }

  /** Bytes, a string or a message within this one; of no octets it is written too. */
  bytes(field: number, value: Uint8Array): this {
    this.#reserve(1 + MAX_VARINT_BYTES + value.length);
    this.#tag(field, LEN);
    this.#varint(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** The message; the next one begins behind it. */
  finish(): Buffer {
    const message = Buffer.allocUnsafe(this.#length);
    this.#bytes.copy(message, 0, 0, this.#length);
    this.#length = 0;
    return message;
  }

  #tag(field: number, wireType: number): void {
    this.#bytes[this.#length] = field * 8 + wireType;
    this.#length += 1;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length] = (rest % 128) | 0x80;
      this.#length += 1;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
