/**
 * Tests one metric over pairs of runs, and makes a verdict of the statistics by rules. Differences are
 * logarithms of head over base, signed so that more is worse.
 */
import { detectableEffect } from "../stats/detectable-effect.ts";
import { typicalDifference } from "../stats/hodges-lehmann.ts";
import { signedRankTest } from "../stats/signed-rank.ts";
import type { MetricComparison, MetricVerdict } from "./schema.ts";

export const ALPHA = 0.05;

export interface ValuePair {
  base: number;
  head: number;
}

export type PairStatistics = Pick<
  MetricComparison,
  "ratio" | "interval90" | "interval95" | "pValue" | "detectableEffect" | "noise"
>;

/**
 * @param pairs two at least, all values above 0
 * @param tests how many are made at once, each of which Holm may hold to alpha over that
 */
export function pairStatistics(
  pairs: readonly ValuePair[],
  better: MetricComparison["better"],
  tests: number,
): PairStatistics {
  const differences = pairs.map(({ base, head }) => worse(head / base, better));
  const typical = typicalDifference(differences);
  const toRatio = (difference: number) => Math.exp(better === "lower" ? difference : -difference);
  const interval = (confidence: number) => {
    const ends = typical.interval(confidence)?.map(toRatio);
    return ends === undefined ? null : { low: Math.min(...ends), high: Math.max(...ends) };
  };
  const deviation = standardDeviation(differences);
  const units = detectableEffect(pairs.length, ALPHA / tests);
  return {
    ratio: toRatio(typical.estimate),
    interval90: interval(0.9),
    interval95: interval(0.95),
    pValue: signedRankTest(differences).pValue,
    detectableEffect: units === null ? null : Math.expm1(units * deviation),
    // Both runs of a pair are noisy.
    noise: deviation / Math.SQRT2,
  };
}

/**
 * `adjustedPValue` is Holm's for a gate. An interval within the least effect says no change even
 * where the difference is certain: it is too small to matter.
 */
export function verdictOf(
  { ratio, interval90 }: Pick<PairStatistics, "ratio" | "interval90">,
  adjustedPValue: number,
  better: MetricComparison["better"],
  leastEffect: number,
): MetricVerdict {
  const least = Math.log1p(leastEffect);
  const isWithin = (value: number) => Math.abs(Math.log(value)) < least;
  if (interval90 !== null && isWithin(interval90.low) && isWithin(interval90.high)) {
    return "no-change";
  }
  if (adjustedPValue >= ALPHA || ratio === null || isWithin(ratio)) return "undecided";
  return worse(ratio, better) > 0 ? "slower" : "faster";
}

function worse(ratio: number, better: MetricComparison["better"]): number {
  return better === "lower" ? Math.log(ratio) : -Math.log(ratio);
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
