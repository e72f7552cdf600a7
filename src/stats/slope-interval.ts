/**
 * The slope of a line through points, and a confidence interval of it that assumes no law of their
 * scatter: the median of the slopes of all pairs (Theil), and two of them by rank (Sen 1968).
 */
import { median } from "./median.ts";
import type { TrendPoint } from "./monotone-trend.ts";

export interface SlopeInterval {
  /** Per unit of `at`. */
  slope: number;
  /** Null where so few points have no interval. */
  low: number | null;
  high: number | null;
}

/** Of a normal law, for 95%. */
const STANDARD_DEVIATIONS = 1.96;

/** @returns null of fewer than two points that differ in `at` */
export function slopeInterval(points: readonly TrendPoint[]): SlopeInterval | null {
  const slopes = points
    .flatMap((one, i) =>
      points
        .slice(i + 1)
        .filter((other) => other.at !== one.at)
        .map((other) => (other.value - one.value) / (other.at - one.at)),
    )
    .sort((a, b) => a - b);
  if (slopes.length === 0) return null;
  const n = points.length;
  // Of the score of points without a trend, which says how many slopes may lie on the wrong side.
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const rank = Math.floor((slopes.length - STANDARD_DEVIATIONS * deviation) / 2);
  const isKnown = rank >= 1;
  return {
    slope: median(slopes),
    low: isKnown ? slopes[rank - 1]! : null,
    high: isKnown ? slopes[slopes.length - rank]! : null,
  };
}
