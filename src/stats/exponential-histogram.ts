/**
 * Counts durations in buckets whose widths grow exponentially, as native histograms of Prometheus and
 * exponential histograms of OpenTelemetry have them: bucket i has what is longer than 2^((i - 1) / 2^scale)
 * seconds, up to 2^(i / 2^scale). It adds up the HdrHistograms that a run's seconds come in.
 */
import { filledBuckets, lowestOf } from "./filled-buckets.ts";
import { HIGHEST_NS } from "./histogram-form.ts";

/** 32 buckets for each power of two, so that a bucket is 2.2% wide. */
export const SCALE = 5;
const PER_POWER = 2 ** SCALE;
const SECONDS_PER_NS = 1e-9;
/** Of a nanosecond, and of an hour. */
const LEAST_INDEX = indexOf(SECONDS_PER_NS);
const INDICES = indexOf(HIGHEST_NS * SECONDS_PER_NS) - LEAST_INDEX + 1;

/** Of buckets of HdrHistogram, once one was met: its middle, and its place in the counts. */
const middlesNs: number[] = [];
const places: number[] = [];

export interface ExponentialBucket {
  /** Its upper end is 2^(index / 2^SCALE) seconds. */
  index: number;
  /** Above 0. */
  count: number;
}

export class ExponentialHistogram {
  /** By index, from the least one on. */
  readonly #counts = new Float64Array(INDICES);
  #sumNs = 0;
  #count = 0;

  /** Adds what `LatencyHistogram.encode` gave. Throws an Error on bytes that are cut short. */
  addEncoded(bytes: Uint8Array): void {
    for (const { bucket, count } of filledBuckets(bytes)) {
      if (middlesNs[bucket] === undefined) learn(bucket);
      this.#counts[places[bucket]!]! += count;
      this.#sumNs += middlesNs[bucket]! * count;
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
    const filled: ExponentialBucket[] = [];
    for (const [place, count] of this.#counts.entries()) {
      if (count > 0) filled.push({ index: LEAST_INDEX + place, count });
    }
    return filled;
  }
}

function learn(bucket: number): void {
  const middleNs = (lowestOf(bucket) + lowestOf(bucket + 1) - 1) / 2;
  middlesNs[bucket] = middleNs;
  places[bucket] = Math.max(
    0,
    Math.min(indexOf(middleNs * SECONDS_PER_NS) - LEAST_INDEX, INDICES - 1),
  );
}

function indexOf(seconds: number): number {
  return Math.ceil(Math.log2(seconds) * PER_POWER);
}
