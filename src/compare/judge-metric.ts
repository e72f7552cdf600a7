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
  { better, leastEffect }: Pick<MetricComparison, "better" | "leastEffect">,
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
  return {
    ratio: toRatio(typical.estimate),
    interval90: interval(0.9),
    interval95: interval(0.95),
    pValue: signedRankTest(differences).pValue,
    detectableEffect: detectableFraction({ pairs: pairs.length, tests, deviation, leastEffect }),
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

/** What decides how large an effect has to be for a verdict. */
export interface Detection {
  pairs: number;
  /** How many are made at once. */
  tests: number;
  /** The standard deviation of the differences. */
  deviation: number;
  leastEffect: number;
}

/**
 * The effect, a fraction, that `verdictOf` calls slower or faster in four of five experiments; in more
 * of them where other tests of the same experiment find something, too. Null where so few pairs find none.
 */
export function detectableFraction(detection: Detection): number | null {
  const { pairs, tests, deviation, leastEffect } = detection;
  const least = Math.log1p(leastEffect);
  const effect = detectableEffect({ pairs, alpha: ALPHA / tests, deviation, least });
  return effect === null ? null : Math.expm1(effect);
}

function worse(ratio: number, better: MetricComparison["better"]): number {
  return better === "lower" ? Math.log(ratio) : -Math.log(ratio);
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
