/**
 * Counts durations in buckets whose widths grow exponentially, as native histograms of Prometheus and
 * exponential histograms of OpenTelemetry have them: bucket i has what is longer than 2^((i - 1) / 2^scale)
 * seconds, up to 2^(i / 2^scale). It adds up the HdrHistograms that a run's seconds come in.
 */
import { filledBuckets, lowestOf } from "./filled-buckets.ts";

/** 32 buckets for each power of two, so that a bucket is 2.2% wide. */
export const SCALE = 5;
const PER_POWER = 2 ** SCALE;
const SECONDS_PER_NS = 1e-9;

export interface ExponentialBucket {
  /** Its upper end is 2^(index / 2^SCALE) seconds. */
  index: number;
  /** Above 0. */
  count: number;
}

export class ExponentialHistogram {
  readonly #counts = new Map<number, number>();
  #sumNs = 0;
  #count = 0;

  /** Adds what `LatencyHistogram.encode` gave. Throws an Error on bytes that are cut short. */
  addEncoded(bytes: Uint8Array): void {
    for (const { bucket, count } of filledBuckets(bytes)) {
      const middleNs = (lowestOf(bucket) + lowestOf(bucket + 1) - 1) / 2;
      const index = indexOf(middleNs * SECONDS_PER_NS);
      this.#counts.set(index, (this.#counts.get(index) ?? 0) + count);
      this.#sumNs += middleNs * count;
      this.#count += count;
    }
  }

  get count(): number {
    return this.#count;
  }

  /** Each duration as the middle of its bucket of HdrHistogram, which is at most 0.1% wide. */
  get sumSeconds(): number {
    return this.#sumNs * SECONDS_PER_NS;
  }

  /** In ascending order, without empty ones. */
  get buckets(): ExponentialBucket[] {
    return [...this.#counts]
      .map(([index, count]) => ({ index, count }))
      .sort((one, other) => one.index - other.index);
  }
}

function indexOf(seconds: number): number {
  return Math.ceil(Math.log2(seconds) * PER_POWER);
}
