/**
 * Reads and writes integers with a prefix, RFC 7541 section 5.1; has the cursor that reads a header
 * block.
 */
import { HpackError } from "./hpack-error.ts";

/** A place in a header block; reading moves `position` towards `end` (exclusive). */
export interface Cursor {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;
}

/** No index, length or table size of a sane peer comes near: a block is far below 256 MiB. */
const MAX_INTEGER = 2 ** 28;

/** Enough for MAX_INTEGER; also ends a run of 0x80 octets, which add nothing and could go on. */
const MAX_CONTINUATION_OCTETS = 5;

export function readOctet(cursor: Cursor): number {
  if (cursor.position >= cursor.end) throw new HpackError("header block ends inside a field");
  return cursor.bytes[cursor.position++]!;
}

/** Reads an integer whose first octet holds it in the low `prefixBits` bits (1 to 8). */
export function readInteger(cursor: Cursor, prefixBits: number): number {
  const prefixMax = 2 ** prefixBits - 1;
  let value = readOctet(cursor) & prefixMax;
  if (value < prefixMax) return value;
  let weight = 1;
  for (let octets = 0; octets < MAX_CONTINUATION_OCTETS; octets++) {
    const octet = readOctet(cursor);
    // Multiplied, not shifted: five octets carry 35 bits, and a shift would wrap at 32.
    value += (octet & 0x7f) * weight;
    if (value > MAX_INTEGER) break;
    if (octet < 0x80) return value;
    weight *= 0x80;
  }
  throw new HpackError("header block holds an integer that is too large");
}

/** Appends `value` to `out`; `pattern` is the bits of the first octet above the prefix. */
export function writeInteger(out: number[], prefixBits: number, pattern: number, value: number) {
  const prefixMax = 2 ** prefixBits - 1;
  if (value < prefixMax) {
    out.push(pattern | value);
    return;
  }
  out.push(pattern | prefixMax);
  let rest = value - prefixMax;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}
