/** Writes protobuf messages field by field, for answers that are put together from what is kept. */
import protobuf from "protobufjs/minimal.js";

/** Wire types of protobuf's encoding. */
const VARINT = 0;
const LEN = 2;
const MAX_UINT32 = 0xffff_ffff;

export class ProtoWriter {
  readonly #writer = protobuf.Writer.create();

  /** A whole number from 0 up; 0, proto3's default, is left out. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    this.#writer.uint32(field * 8 + VARINT);
    // The same octets; of a small number they cost less this way.
    if (value <= MAX_UINT32) this.#writer.uint32(value);
    else this.#writer.uint64(value);
    return this;
  }

  flag(field: number, value: boolean): this {
    return this.number(field, value ? 1 : 0);
  }

  /** Bytes, a string or a message within this one; of no octets it is written too. */
  bytes(field: number, value: Uint8Array): this {
    this.#writer.uint32(field * 8 + LEN).bytes(value);
    return this;
  }

  /** The message; the next one begins after it. */
  finish(): Uint8Array {
    const message = this.#writer.finish();
    this.#writer.reset();
    return message;
  }
}
