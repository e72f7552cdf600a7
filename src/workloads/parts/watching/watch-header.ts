/**
 * Writes and reads the header of a watched value, by which an event is recognized: 32 bits of the run's
 * token, then the put's number in its worker, both big-endian.
 */
import { WATCH_HEADER_BYTES } from "./layout.ts";

export function writeWatchHeader(token: number, number: number, out: Uint8Array, at: number): void {
  writeUint32(token, out, at);
  writeUint32(number, out, at + 4);
}

/** The put's number, or -1 for a value that this run has not written. */
export function readWatchHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  token: number,
): number {
  if (end - start < WATCH_HEADER_BYTES || readUint32(bytes, start) !== token) return -1;
  return readUint32(bytes, start + 4);
}

function writeUint32(value: number, out: Uint8Array, at: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
