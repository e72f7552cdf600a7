/**
 * The figures of an encoded histogram, from its filled buckets alone: they are those that a
 * LatencyHistogram of the same bytes has, for a fraction of its walk through all buckets.
 */
import { type FilledBucket, filledBuckets, lowestOf } from "./filled-buckets.ts";
import { HIGHEST_NS } from "./histogram-form.ts";
import type { LatencyDistribution } from "./latency-bounds.ts";

export class FilledHistogram implements LatencyDistribution {
  readonly count: number;
  /** 0 when empty, as are the other figures. */
  readonly minNs: number;
  readonly maxNs: number;
  readonly meanNs: number;
  readonly #filled: readonly FilledBucket[];

  private constructor(filled: readonly FilledBucket[]) {
    this.#filled = filled;
    let count = 0;
    let sumNs = 0;
    for (const each of filled) {
      count += each.count;
      sumNs += each.count * middleOf(each.bucket);
    }
    this.count = count;
    this.minNs = count === 0 ? 0 : lowestOf(filled[0]!.bucket);
    this.maxNs = count === 0 ? 0 : Math.min(highestOf(filled.at(-1)!.bucket), HIGHEST_NS);
    this.meanNs = count === 0 ? 0 : this.#within(sumNs / count);
  }

  /** @param encoded as `LatencyHistogram.encode` gives it; null: empty. Throws on other bytes. */
  static of(encoded: Uint8Array | null): FilledHistogram {
    return new FilledHistogram(encoded === null ? [] : filledBuckets(encoded));
  }

  /** Both together. */
  with(other: FilledHistogram): FilledHistogram {
    const counts = new Map<number, number>();
    for (const { bucket, count } of [...this.#filled, ...other.#filled]) {
      counts.set(bucket, (counts.get(bucket) ?? 0) + count);
    }
    const filled = [...counts].map(([bucket, count]) => ({ bucket, count }));
    return new FilledHistogram(filled.sort((a, b) => a.bucket - b.bucket));
  }

  percentileNs(percentile: number): number {
    const rank = Math.max(1, Math.ceil((Math.min(percentile, 100) * this.count) / 100));
    let seen = 0;
    for (const { bucket, count } of this.#filled) {
      seen += count;
      if (seen >= rank)
        return this.#within(percentile === 0 ? lowestOf(bucket) : highestOf(bucket));
    }
    return 0;
  }

  /** A bucket's middle or end may lie beyond the samples that it holds. */
  #within(ns: number): number {
    return Math.max(this.minNs, Math.min(ns, this.maxNs));
  }
}

function highestOf(bucket: number): number {
  return lowestOf(bucket + 1) - 1;
}

function middleOf(bucket: number): number {
  const lowestNs = lowestOf(bucket);
  return lowestNs + Math.floor((lowestOf(bucket + 1) - lowestNs) / 2);
}
