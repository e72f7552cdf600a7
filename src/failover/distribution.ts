/** Describes one figure over trials: its extremes, its median and how surely that is known. */
import { median } from "../stats/median.ts";
import { medianInterval, percentileOf } from "../stats/order-interval.ts";
import type { Distribution } from "./report-schema.ts";

/** Below it a 90th percentile would be the maximum. */
const LEAST_FOR_P90 = 10;

/** @param atLeast how many of the values are lower bounds */
export function distributionOf(values: readonly (number | null)[], atLeast = 0): Distribution {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const interval = medianInterval(sorted);
  return {
    values: [...values],
    min: sorted[0] ?? null,
    median: sorted.length === 0 ? null : median(sorted),
    p90: sorted.length < LEAST_FOR_P90 ? null : percentileOf(sorted, 0.9),
    max: sorted.at(-1) ?? null,
    medianLow: interval?.low ?? null,
    medianHigh: interval?.high ?? null,
    atLeast,
  };
}
