/**
 * Judges a metric that missing requests made unknown for some runs, by its bounds: a difference is proven
 * where the worst case against it still shows it.
 */
import { pairStatistics, type ValuePair, verdictOf } from "./judge-metric.ts";
import type { MetricComparison, MetricVerdict } from "./schema.ts";

/** A figure of a run: `low` is `high` where it is known. */
export interface BoundedFigure {
  low: number;
  high: number;
  /** Null where it is known. */
  why: string | null;
}

export interface BoundedPair {
  base: BoundedFigure;
  head: BoundedFigure;
}

/** The head as small, and as large, as the bounds allow; null where a pair has no such bound. */
export interface ExtremePairs {
  least: ValuePair[] | null;
  most: ValuePair[] | null;
}

export function extremePairs(pairs: readonly BoundedPair[]): ExtremePairs {
  const least = pairs.map(({ base, head }) => ({ base: base.high, head: head.low }));
  const most = pairs.map(({ base, head }) => ({ base: base.low, head: head.high }));
  const orNull = (all: ValuePair[]) => (all.length > 1 && all.every(isBounded) ? all : null);
  return { least: orNull(least), most: orNull(most) };
}

function isBounded({ base, head }: ValuePair): boolean {
  return base > 0 && head > 0 && Number.isFinite(base) && Number.isFinite(head);
}

/** P of the difference that the bounds prove at the least, and its verdict once p is adjusted. */
export interface BoundStatistics {
  pValue: number;
  verdict(adjustedPValue: number): MetricVerdict;
}

/** The signed-rank test and the typical ratio rise with each difference, so that the true ones show no less. */
export function boundStatistics(
  { least, most }: ExtremePairs,
  judged: Pick<MetricComparison, "better" | "leastEffect">,
): BoundStatistics {
  for (const [pairs, isMore] of [
    [least, true],
    [most, false],
  ] as const) {
    if (pairs === null) continue;
    const { ratio, pValue, interval90 } = pairStatistics(pairs, judged, 1);
    if (ratio === null || (isMore ? ratio <= 1 : ratio >= 1)) continue;
    return {
      pValue: pValue!,
      verdict: (adjusted) => {
        const verdict = verdictOf(
          { ratio, interval90 },
          adjusted,
          judged.better,
          judged.leastEffect,
        );
        // The true ratio may be farther from 1.
        return verdict === "no-change" ? "undecided" : verdict;
      },
    };
  }
  return { pValue: 1, verdict: () => "undecided" };
}
