/**
 * Finds single fields in a serialised protobuf message, in place, for answers of which a workload needs
 * a number or two: no decoder, no object. Octets that are no message read as a message without the
 * field.
 */

/** Wire types of protobuf's encoding. */
const VARINT = 0;
const I64 = 1;
const LEN = 2;
const I32 = 5;

const MAX_VARINT_BYTES = 10;

/** What the last `nextField` or `findField` has found; where nothing was, start is -1. */
export const found = {
  number: 0,
  /** Of the field's octets; of a varint, its own. */
  start: -1,
  end: -1,
};

/** Looks for the first field `number` in `bytes[start, end)`; true, and `found` is set, if it is there. */
export function findField(bytes: Uint8Array, start: number, end: number, number: number): boolean {
  for (let at = start; nextField(bytes, at, end); at = found.end) {
    if (found.number === number) return true;
  }
  return false;
}

/** Reads the field at `at` into `found`; false at the end, and where there is no whole field. */
export function nextField(bytes: Uint8Array, at: number, end: number): boolean {
  found.start = -1;
  found.end = -1;
  if (at >= end) return false;
  const afterTag = varintEnd(bytes, at, end);
  if (afterTag < 0) return false;
  const tag = varintAt(bytes, at, afterTag);
  let valueStart = afterTag;
  let valueEnd: number;
  switch (tag % 8) {
    case VARINT:
      valueEnd = varintEnd(bytes, afterTag, end);
      break;
    case LEN: {
      valueStart = varintEnd(bytes, afterTag, end);
      valueEnd = valueStart < 0 ? -1 : valueStart + varintAt(bytes, afterTag, valueStart);
      break;
    }
    case I64:
      valueEnd = afterTag + 8;
      break;
    case I32:
      valueEnd = afterTag + 4;
      break;
    default:
      return false;
  }
  if (valueEnd < 0 || valueEnd > end) return false;
  found.number = Math.floor(tag / 8);
  found.start = valueStart;
  found.end = valueEnd;
  return true;
}

/**
 * The field's varint as a float, exact up to 2^53; `absent`, proto3's default, where it is not
 * there.
 */
export function varintField(
  bytes: Uint8Array,
  start: number,
  end: number,
  number: number,
  absent = 0,
): number {
  return findField(bytes, start, end, number) ? varintAt(bytes, found.start, found.end) : absent;
}

/** The varint in `bytes[start, end)`. */
export function varintAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let at = start; at < end; at++) {
    value += (bytes[at]! & 0x7f) * scale;
    scale *= 128;
  }
  return value;
}

/** Where the varint at `start` ends; -1 where it is cut off or too long. */
function varintEnd(bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + MAX_VARINT_BYTES);
  for (let at = start; at < last; at++) {
    if (bytes[at]! < 0x80) return at + 1;
  }
  return -1;
}
