/** Reads protobuf messages field by field. Octets that are no message end in an error. */
import protobuf from "protobufjs/minimal.js";

type Reader = protobuf.Reader;

/** Of the current field: each reads its value. */
export class ProtoReader {
  readonly #reader: Reader;
  /** Offsets at which the messages end that are being read, the innermost last. */
  readonly #ends: number[] = [];
  #tag = 0;

  constructor(message: Uint8Array) {
    const { buffer, byteOffset, byteLength } = message;
    this.#reader = protobuf.Reader.create(Buffer.from(buffer, byteOffset, byteLength));
    this.#ends.push(byteLength);
  }

  /** The number of the next field; 0 at the message's end, after which the outer one goes on. */
  next(): number {
    const reader = this.#reader;
    if (reader.pos >= this.#ends.at(-1)!) {
      this.#ends.pop();
      return 0;
    }
    this.#tag = reader.uint32();
    return this.#tag >>> 3;
  }

  /** The field is a message, whose fields come next. */
  enter(): void {
    const length = this.#reader.uint32();
    this.#ends.push(this.#reader.pos + length);
  }

  /** A view of the message's own octets. */
  bytes(): Uint8Array {
    return this.#reader.bytes();
  }

  /** A string of one character for each octet, which sorts as the octets do. */
  key(): string {
    const { buffer, byteOffset, byteLength } = this.#reader.bytes();
    return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
  }

  number(): number {
    return protobuf.util.LongBits.from(this.#reader.int64()).toNumber();
  }

  flag(): boolean {
    return this.#reader.bool();
  }

  skip(): void {
    this.#reader.skipType(this.#tag & 7);
  }
}
