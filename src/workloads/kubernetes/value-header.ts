/**
 * Writes and reads the header of an object's value, by which an event is recognized: the header of
 * watched values (a token of the worker and the write's number), then a reference of 32 bits to the
 * object or, for an event object, to its lease.
 */
import { readWatchHeader, writeWatchHeader } from "../parts/watching/watch-header.ts";

export const VALUE_HEADER_BYTES = 12;
const REFERENCE_AT = 8;

/** Each worker has a token of its own, after the run's. */
export function workerToken(token: number, workerIndex: number): number {
  return (token + workerIndex) >>> 0;
}

export function writeValueHeader(
  token: number,
  number: number,
  reference: number,
  out: Uint8Array,
  at: number,
): void {
  writeWatchHeader(token, number, out, at);
  out[at + REFERENCE_AT] = reference >>> 24;
  out[at + REFERENCE_AT + 1] = reference >>> 16;
  out[at + REFERENCE_AT + 2] = reference >>> 8;
  out[at + REFERENCE_AT + 3] = reference;
}

/** The result of the last `readValueHeader`. */
export const valueHeader = {
  /** -1 if no worker of this run wrote it. */
  workerIndex: -1,
  number: 0,
  reference: 0,
};

/** True if a worker of the run wrote the value. */
export function readValueHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  token: number,
  workers: number,
): boolean {
  valueHeader.workerIndex = -1;
  if (end - start < VALUE_HEADER_BYTES) return false;
  for (let worker = 0; worker < workers; worker++) {
    const number = readWatchHeader(bytes, start, end, workerToken(token, worker));
    if (number < 0) continue;
    valueHeader.workerIndex = worker;
    valueHeader.number = number;
    const at = start + REFERENCE_AT;
    valueHeader.reference =
      ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    return true;
  }
  return false;
}
