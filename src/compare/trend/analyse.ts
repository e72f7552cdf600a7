/** Analyses one series: its outliers, changes and levels, and whether it alarms. Pure. */
import { findChanges } from "../../stats/e-divisive.ts";
import { findOutliers } from "../../stats/outliers.ts";
import type { TrendChange, TrendSeries } from "./schema.ts";

type Better = TrendSeries["better"];

export interface SeriesAnalysis {
  /** Indices. */
  outliers: number[];
  levels: TrendSeries["levels"];
  changes: TrendChange[];
  isNewestFar: boolean;
  alarm: TrendSeries["alarm"];
}

/** @param ratios above 0, in the order of time; one at least */
export function analyseSeries(
  ratios: readonly number[],
  { better, leastEffect, seed }: { better: Better; leastEffect: number; seed: number },
): SeriesAnalysis {
  const logs = ratios.map(Math.log);
  const least = Math.log1p(leastEffect);
  const { alone, isNewestFar, isNewestAlone } = findOutliers(logs, least);
  // What a lone newest one is the next one tells; until then it can hide no change that was found before.
  const leftOut = new Set(isNewestAlone ? [...alone, logs.length - 1] : alone);
  /** Indices of the points that count. */
  const kept = [...logs.keys()].filter((at) => !leftOut.has(at));
  const counted = kept.map((at) => logs[at]!);
  const found = findChanges(counted, { seed });
  const proven = withoutSmall(
    counted,
    found.filter(({ isReported }) => isReported).map(({ at }) => at),
    least,
  );
  const changes = found
    .filter(({ at, isReported }) => !isReported || proven.includes(at))
    .map((change) => ({ change, effect: effectAt(counted, change.at, proven) }))
    .filter(({ effect }) => Math.abs(effect) >= least)
    .map(({ change, effect }): TrendChange => {
      const isMore = effect > 0;
      return {
        at: kept[change.at]!,
        earliest: kept[change.earliest]!,
        latest: kept[change.latest]!,
        effect: Math.exp(effect),
        direction: isMore === (better === "lower") ? "slower" : "faster",
        pValue: change.pValue,
        isReported: change.isReported,
      };
    });
  const bounds = [0, ...proven, counted.length];
  const levels = bounds.slice(1).map((to, which) => ({
    from: which === 0 ? 0 : kept[bounds[which]!]!,
    to: to === counted.length ? logs.length : kept[to]!,
    ratio: Math.exp(mean(counted.slice(bounds[which], to))),
  }));
  return { outliers: alone, levels, changes, isNewestFar, alarm: alarmOf(levels, better, least) };
}

/** The smallest goes first, since without it the levels next to the others are known better. */
function withoutSmall(values: readonly number[], found: readonly number[], least: number) {
  let left = [...found];
  for (;;) {
    const sizes = left.map((at) => Math.abs(effectAt(values, at, left)));
    const smallest = Math.min(...sizes);
    if (left.length === 0 || smallest >= least) return left;
    left = left.filter((_, which) => which !== sizes.indexOf(smallest));
  }
}

/** Of the mean after `at` over the mean before it, each up to the next of `changes`. */
function effectAt(values: readonly number[], at: number, changes: readonly number[]): number {
  const from = Math.max(0, ...changes.filter((other) => other < at));
  const to = Math.min(values.length, ...changes.filter((other) => other > at));
  return mean(values.slice(at, to)) - mean(values.slice(from, at));
}

/**
 * The newest level against the best one before it: it alarms until that is reached again, or the
 * reference is pinned anew, which begins another segment.
 */
function alarmOf(
  levels: readonly TrendSeries["levels"][number][],
  better: Better,
  least: number,
): TrendSeries["alarm"] {
  const worse = (ratio: number) => (better === "lower" ? Math.log(ratio) : -Math.log(ratio));
  const newest = levels.at(-1)!;
  const best = levels.reduce((one, other) =>
    worse(other.ratio) <= worse(one.ratio) ? other : one,
  );
  if (best === newest || worse(newest.ratio) - worse(best.ratio) < least) return null;
  return { effect: newest.ratio / best.ratio, at: best.to };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
