/**
 * Counts latencies in the buckets of an HdrHistogram in plain memory: to record one is an addition,
 * and to set a second's counts aside is a change of arrays, so that a measuring thread can encode
 * them later, one histogram in a turn of its loop.
 */
import { BUCKETS, bucketOf } from "./filled-buckets.ts";
import {
  HIGHEST_NS,
  LOWEST_NS,
  SIGNIFICANT_DIGITS,
  V2_COOKIE,
  V2_HEADER_BYTES,
} from "./histogram-form.ts";

/** Of a zigzag LEB128 word for counts below 2^32. */
const MOST_WORD_BYTES = 5;
const NONE = -1;

/** Gives the counts that were set aside as HdrHistogram V2 bytes of their own; to be called once. */
export type EncodeOnce = () => Uint8Array;

export class LatencyCounts {
  #counts: Uint32Array = new Uint32Array(BUCKETS);
  /** All 0; the one that is filled next. Null while the other one waits to be encoded. */
  #spare: Uint32Array | null = new Uint32Array(BUCKETS);
  /** The lowest and the highest bucket that have a count: what lies outside is not looked at. */
  #bottom = BUCKETS;
  #top = NONE;

  /** Clamped to [1 ns, one hour]; never throws. NaN counts as 1. */
  recordNs(ns: number, count = 1): void {
    const bucket = bucketOf(ns >= LOWEST_NS ? Math.min(ns, HIGHEST_NS) : LOWEST_NS);
    this.#counts[bucket]! += count;
    if (bucket < this.#bottom) this.#bottom = bucket;
    if (bucket > this.#top) this.#top = bucket;
  }

  /** Sets aside what was recorded since the last time; null for nothing. */
  retire(): EncodeOnce | null {
    const bottom = this.#bottom;
    const top = this.#top;
    if (top === NONE) return null;
    const counts = this.#counts;
    this.#counts = this.#spare ?? new Uint32Array(BUCKETS);
    this.#spare = null;
    this.#bottom = BUCKETS;
    this.#top = NONE;
    return () => {
      const encoded = encodeAndClear(counts, bottom, top);
      this.#spare = counts;
      return encoded;
    };
  }
}

/** One thread encodes one histogram at a time. */
const words = new Uint8Array(BUCKETS * MOST_WORD_BYTES);

function encodeAndClear(counts: Uint32Array, bottom: number, top: number): Uint8Array {
  let length = 0;
  let zeros = bottom;
  for (let bucket = bottom; bucket <= top; bucket++) {
    const count = counts[bucket]!;
    if (count === 0) {
      zeros += 1;
      continue;
    }
    counts[bucket] = 0;
    // A run of empty buckets is its length as a negative number; a single one is a count of 0.
    if (zeros > 0) length = putWord(length, zeros === 1 ? 0 : zeros * 2 - 1);
    zeros = 0;
    length = putWord(length, count * 2);
  }
  const encoded = new Uint8Array(V2_HEADER_BYTES + length);
  const view = new DataView(encoded.buffer);
  view.setInt32(0, V2_COOKIE);
  view.setInt32(4, length);
  view.setInt32(12, SIGNIFICANT_DIGITS);
  view.setBigInt64(16, BigInt(LOWEST_NS));
  view.setBigInt64(24, BigInt(HIGHEST_NS));
  view.setFloat64(32, 1);
  encoded.set(words.subarray(0, length), V2_HEADER_BYTES);
  return encoded;
}

/** LEB128 of a number that is zigzag already, below 2^33. */
function putWord(at: number, zigzag: number): number {
  let rest = zigzag;
  let next = at;
  while (rest >= 0x80) {
    words[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  words[next++] = rest;
  return next;
}
