/**
 * Writes numbers that change from one request to the next within a template: protobuf's varints padded
 * to a fixed length, ten octets by default, which any decoder reads as the same number, so that nothing
 * after them moves.
 */

export const PADDED_BYTES = 10;

/** Encoded in a template in the place of the number: ten octets, found by `PLACEHOLDER`. */
export const PLACEHOLDER_VALUE = "-1";
export const PLACEHOLDER = Buffer.from("ffffffffffffffffff01", "hex");

/** How long the number's varint is where it is not padded. */
export function varintBytes(value: number): number {
  return value < 128 ? 1 : 1 + varintBytes(Math.floor(value / 128));
}

/** A whole number from 0 to 2^53 - 1, or to what so many octets hold. */
export function writePadded(
  bytes: Uint8Array,
  offset: number,
  value: number,
  lengthBytes = PADDED_BYTES,
): void {
  const last = offset + lengthBytes - 1;
  let rest = value;
  for (let at = offset; at < last; at++) {
    bytes[at] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  bytes[last] = rest;
}

/** The varint in `from[start, end)`, of all 64 bits, which a float does not hold. */
export function copyPadded(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  offset: number,
): void {
  const lengthBytes = Math.min(end - start, PADDED_BYTES);
  for (let index = 0; index < PADDED_BYTES; index++) {
    to[offset + index] = index < lengthBytes ? from[start + index]! | 0x80 : 0x80;
  }
  // The last octet says that it is the last.
  to[offset + PADDED_BYTES - 1]! &= 0x7f;
}
