/** Describes one figure over trials: its extremes, its median and how surely that is known. */
import { median } from "../stats/median.ts";
import { medianInterval, percentileOf } from "../stats/order-interval.ts";
import type { Distribution } from "./report-schema.ts";

/** Below it a 90th percentile would be the maximum. */
const LEAST_FOR_P90 = 10;

interface Doubts {
  /** For each value whether it is a lower bound. */
  isBound?: readonly boolean[];
  /** The values without the client's own pauses. */
  withoutPauses?: readonly (number | null)[];
}

export function distributionOf(
  values: readonly (number | null)[],
  { isBound = [], withoutPauses = values }: Doubts = {},
): Distribution {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const interval = medianInterval(sorted);
  const lowerBounds = values.filter((value, at) => value !== null && isBound[at] === true);
  const isPaused = withoutPauses.some((value, at) => value !== values[at]);
  return {
    values: [...values],
    min: sorted[0] ?? null,
    median: sorted.length === 0 ? null : median(sorted),
    p90: sorted.length < LEAST_FOR_P90 ? null : percentileOf(sorted, 0.9),
    max: sorted.at(-1) ?? null,
    medianLow: interval?.low ?? null,
    medianHigh: interval?.high ?? null,
    atLeast: isBound.filter(Boolean).length,
    lowerBounds: lowerBounds.map((value) => value!),
    ...(isPaused && { withoutPauses: [...withoutPauses] }),
  };
}
