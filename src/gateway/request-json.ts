/** Writes the JSON of a request that a workload has as a protobuf message, without objects. */
import { base64Bytes, writeBase64 } from "./base64.ts";
import { type JsonField, type JsonFields, Kind } from "./etcd-json.ts";

/** Of an integer of 64 bits, with its quotes. */
const MOST_INTEGER_BYTES = 22;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const ZERO = 0x30;
/** Octets of a varint that is a safe integer. */
const SAFE_VARINT_BYTES = 7;

interface Named {
  readonly field: JsonField;
  /** `"name":` */
  readonly name: Buffer;
}

export class RequestJson {
  /** By the octet that is the field's tag. */
  readonly #fields: (Named | undefined)[] = [];
  #mostNameBytes = 0;
  /** Where the last varint ended. */
  #next = 0;

  constructor(fields: JsonFields) {
    for (const field of fields.all) {
      const name = Buffer.from(`"${field.name}":`);
      this.#fields[field.tag] = { field, name };
      this.#mostNameBytes += name.length + MOST_INTEGER_BYTES + 1;
    }
  }

  /** The longest JSON of a message of so many octets. */
  mostBytes(messageBytes: number): number {
    return 2 + this.#mostNameBytes + base64Bytes(messageBytes);
  }

  /** Writes the message `bytes[start, end)` at `at` of `out`; returns where it ends there. */
  write(bytes: Uint8Array, start: number, end: number, out: Buffer, at: number): number {
    let to = at;
    let from = start;
    out[to++] = OPEN;
    while (from < end) {
      const { field, name } = this.#fields[bytes[from]!] ?? unknownField();
      const value = this.#varint(bytes, from + 1);
      const valueAt = from + 1;
      from = this.#next;
      const isBytes = field.kind === Kind.BYTES;
      if (isBytes) from += value;
      if (value === 0) continue;
      if (to > at + 1) out[to++] = COMMA;
      out.set(name, to);
      to += name.length;
      if (isBytes) {
        out[to++] = QUOTE;
        to = writeBase64(bytes, from - value, from, out, to);
        out[to++] = QUOTE;
      } else if (field.kind === Kind.BOOL) {
        to += out.write("true", to, "latin1");
      } else {
        if (field.isQuoted) out[to++] = QUOTE;
        const isSafe = this.#next - valueAt <= SAFE_VARINT_BYTES;
        if (isSafe) to = writeDigits(value, out, to);
        else to += out.write(longVarint(bytes, valueAt), to, "latin1");
        if (field.isQuoted) out[to++] = QUOTE;
      }
    }
    out[to++] = CLOSE;
    return to;
  }

  /** The varint at `start`, which is exact up to seven octets. */
  #varint(bytes: Uint8Array, start: number): number {
    let value = 0;
    let scale = 1;
    let at = start;
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    this.#next = at;
    return value;
  }
}

function unknownField(): never {
  throw new Error("the request has a field that its message lacks");
}

function writeDigits(value: number, out: Uint8Array, at: number): number {
  let to = at + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) to += 1;
  let rest = value;
  for (let digit = to - 1; digit >= at; digit--) {
    out[digit] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return to;
}

/** Signed, in decimal: rare, as ids of leases and negative numbers are. */
function longVarint(bytes: Uint8Array, start: number): string {
  let value = 0n;
  for (let [at, shift] = [start, 0n]; ; at++, shift += 7n) {
    value |= BigInt(bytes[at]! & 0x7f) << shift;
    if (bytes[at]! < 0x80) break;
  }
  return String(BigInt.asIntN(64, value));
}
