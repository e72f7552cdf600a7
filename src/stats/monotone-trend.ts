/**
 * The test for a trend that rises or falls all along (Mann and Kendall), and its slope (Theil and Sen).
 * Values are compared within their group alone, so that a jump between groups is no trend. The variance is
 * corrected for values that resemble their neighbours (by their effective number, Yue and Wang 2004),
 * without which memory, which changes slowly, would seem to drift far too often.
 */
import { median } from "./median.ts";
import { doubledMidranks } from "./midranks.ts";
import { upperNormalTail } from "./normal-tail.ts";

export interface TrendPoint {
  at: number;
  value: number;
}

export interface MonotoneTrend {
  /** Per unit of `at`: the median of the slopes of all pairs. */
  slope: number;
  /** Two-sided: how likely values without a trend rise or fall so steadily. */
  pValue: number;
}

/** Of fewer values nothing is known of how neighbours resemble each other. */
const LEAST_FOR_RESEMBLANCE = 8;
const MOST_RESEMBLANCE = 0.95;

/**
 * @param groups points in the order of `at` each
 * @returns null where no group has two points
 */
export function monotoneTrend(groups: readonly (readonly TrendPoint[])[]): MonotoneTrend | null {
  const slopes: number[] = [];
  let score = 0;
  let variance = 0;
  for (const points of groups) {
    if (points.length < 2) continue;
    for (const slope of slopesOf(points)) {
      score += Math.sign(slope);
      slopes.push(slope);
    }
    variance += varianceOf(points.map(({ value }) => value)) * correction(points);
  }
  if (slopes.length === 0) return null;
  const slope = median(slopes);
  // A score of whole numbers is held against a continuous law.
  const distance = Math.max(0, Math.abs(score) - 1);
  if (variance <= 0) return { slope, pValue: 1 };
  return { slope, pValue: Math.min(1, 2 * upperNormalTail(distance / Math.sqrt(variance))) };
}

/** Of the score of independent values, some of which may be equal. */
function varianceOf(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const term = (n: number) => n * (n - 1) * (2 * n + 5);
  const ties = [...counts.values()].reduce((sum, count) => sum + term(count), 0);
  return (term(values.length) - ties) / 18;
}

/**
 * How much larger the variance is since neighbours resemble each other; 1 where they do not. Without
 * their trend they are taken for a process of first order, whose values count for fewer independent ones.
 */
function correction(points: readonly TrendPoint[]): number {
  const n = points.length;
  if (n < LEAST_FOR_RESEMBLANCE) return 1;
  const slope = median(slopesOf(points));
  const doubled = doubledMidranks(points.map(({ at, value }) => value - slope * at));
  const centred = doubled.map((rank) => (rank - (n + 1)) / 2);
  const square = centred.reduce((sum, each) => sum + each * each, 0);
  if (square === 0) return 1;
  const product = centred.slice(1).reduce((sum, each, at) => sum + each * centred[at]!, 0);
  // What is estimated from n values without their trend comes out too small (Kendall 1954).
  const resemblance = Math.min(MOST_RESEMBLANCE, ((product / square) * n + 2) / (n - 4));
  return Math.max(1, (1 + resemblance) / (1 - resemblance));
}

/** Of all pairs. */
function slopesOf(points: readonly TrendPoint[]): number[] {
  return points.flatMap((one, i) =>
    points.slice(i + 1).map((other) => (other.value - one.value) / (other.at - one.at)),
  );
}
