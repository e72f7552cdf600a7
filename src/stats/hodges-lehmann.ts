/**
 * Computes the Hodges-Lehmann estimate of a typical difference: the median of all Walsh averages (d_i +
 * d_j) / 2, and its interval, cut off by the exact signed-rank distribution.
 */
import { medianOfSorted } from "./median.ts";
import { signedRankCumulative } from "./signed-rank.ts";

/** Lower and upper end. */
export type Interval = readonly [number, number];

export interface TypicalDifference {
  estimate: number;
  /** Of the confidence asked for or more; null where so few differences carry none. */
  interval(confidence: number): Interval | null;
}

/** `differences` has at least one. */
export function typicalDifference(differences: readonly number[]): TypicalDifference {
  const averages = walshAverages(differences);
  const cumulative = signedRankCumulative(differences.length);
  return {
    estimate: medianOfSorted(averages),
    interval(confidence) {
      const tail = (1 - confidence) / 2;
      // As many averages from either end as W stays below with at most that chance.
      const cut = cumulative.findIndex((chance) => chance > tail);
      if (cut <= 0) return null;
      return [averages[cut - 1]!, averages[averages.length - cut]!];
    },
  };
}

/** Sorted; n (n + 1) / 2 of them. */
export function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let at = 0;
  for (const [i, value] of values.entries()) {
    for (let j = i; j < values.length; j++) averages[at++] = (value + values[j]!) / 2;
  }
  return averages.sort();
}
