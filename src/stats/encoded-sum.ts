/**
 * Adds up encoded histograms in plain memory: for each of those of many workers that is some microseconds, where
 * to decode it into a histogram of its own takes hundreds.
 */
import type { WasmHistogram } from "hdr-histogram-js";
import { BUCKETS, lowestOf, readBuckets } from "./filled-buckets.ts";

const NONE = -1;

export class EncodedSum {
  /** By bucket; exact up to 2^53. */
  readonly #counts = new Float64Array(BUCKETS);
  /** The lowest and the highest bucket that have a count: what lies outside is not looked at. */
  #bottom = BUCKETS;
  #top = NONE;

  /** @param bytes HdrHistogram V2 whose header is checked. Throws an Error for others, and adds nothing of them. */
  add(bytes: Uint8Array): void {
    const { length, buckets, counts } = readBuckets(bytes);
    const sum = this.#counts;
    for (let at = 0; at < length; at++) sum[buckets[at]!]! += counts[at]!;
    if (length === 0) return;
    this.#bottom = Math.min(this.#bottom, buckets[0]!);
    this.#top = Math.max(this.#top, buckets[length - 1]!);
  }

  /** Adds all of it to a histogram, and is empty then. */
  moveTo(histogram: WasmHistogram): void {
    const top = this.#top;
    if (top === NONE) return;
    for (let bucket = this.#bottom; bucket <= top; bucket++) {
      const count = this.#counts[bucket]!;
      if (count > 0) histogram.recordValueWithCount(lowestOf(bucket), count);
    }
    // As a decoder does: the maximum is rounded up to its bucket's end, the minimum down.
    histogram.recordValueWithCount(lowestOf(top + 1) - 1, 0);
    this.clear();
  }

  clear(): void {
    this.#counts.fill(0, this.#bottom, this.#top + 1);
    this.#bottom = BUCKETS;
    this.#top = NONE;
  }
}
