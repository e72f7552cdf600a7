/** Makes cumulative buckets with fixed bounds of a distribution, for receivers of classic histograms. */
import { SCALE } from "../stats/exponential-histogram.ts";
import type { Distribution } from "./metric-family.ts";

/** Four bounds for each power of two, from 2^-13 s (0.12 ms) to 2^5 s. */
const BOUNDS_PER_POWER = 4;
const LEAST_POWER = -13;
const MOST_POWER = 5;
const INDICES_PER_BOUND = 2 ** SCALE / BOUNDS_PER_POWER;
const BOUNDS = Array.from(
  { length: (MOST_POWER - LEAST_POWER) * BOUNDS_PER_POWER + 1 },
  (_, at) => {
    const power = LEAST_POWER * BOUNDS_PER_POWER + at;
    return { index: power * INDICES_PER_BOUND, le: boundText(2 ** (power / BOUNDS_PER_POWER)) };
  },
);

export interface ClassicBucket {
  /** The upper end in seconds, or `+Inf`. */
  le: string;
  /** What is not longer. */
  count: number;
}

/** The same bounds each time, since a query adds buckets up over time. */
export function classicBuckets({ count, buckets }: Distribution): ClassicBucket[] {
  let at = 0;
  let below = 0;
  const bounded = BOUNDS.map(({ index, le }) => {
    for (; at < buckets.length && buckets[at]!.index <= index; at++) below += buckets[at]!.count;
    return { le, count: below };
  });
  return [...bounded, { le: "+Inf", count }];
}

/** Canonical, as OpenMetrics asks: a whole number has `.0`. */
function boundText(seconds: number): string {
  const text = String(Number(seconds.toPrecision(6)));
  return /^\d+$/.test(text) ? `${text}.0` : text;
}
