/**
 * Writes and reads the first octets of an object's value, by which an event is recognized: the mark
 * that watched values have (of a token of the worker and the write's number), then a reference of 32
 * bits, to the object or, of an event, to its lease.
 */
import { readMark, writeMark } from "../parts/watching/watch-mark.ts";

export const VALUE_MARK_BYTES = 12;
const REFERENCE_AT = 8;

/** Each worker has a token of its own, after the run's. */
export function workerToken(token: number, workerIndex: number): number {
  return (token + workerIndex) >>> 0;
}

export function writeValueMark(
  token: number,
  number: number,
  reference: number,
  out: Uint8Array,
  at: number,
): void {
  writeMark(token, number, out, at);
  out[at + REFERENCE_AT] = reference >>> 24;
  out[at + REFERENCE_AT + 1] = reference >>> 16;
  out[at + REFERENCE_AT + 2] = reference >>> 8;
  out[at + REFERENCE_AT + 3] = reference;
}

/** What the last `readValueMark` has found. */
export const valueMark = {
  /** Of the worker that wrote it, -1 where no worker of this run did. */
  workerIndex: -1,
  number: 0,
  reference: 0,
};

/** True where a worker of the run has written the value. */
export function readValueMark(
  bytes: Uint8Array,
  start: number,
  end: number,
  token: number,
  workers: number,
): boolean {
  valueMark.workerIndex = -1;
  if (end - start < VALUE_MARK_BYTES) return false;
  for (let worker = 0; worker < workers; worker++) {
    const number = readMark(bytes, start, end, workerToken(token, worker));
    if (number < 0) continue;
    valueMark.workerIndex = worker;
    valueMark.number = number;
    const at = start + REFERENCE_AT;
    valueMark.reference =
      ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    return true;
  }
  return false;
}
