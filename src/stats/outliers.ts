/** Finds the points of a series that are alone, far from those around them. */
import { median, robustDeviation } from "./median.ts";

const WINDOW = 14;
const LEAST_WINDOW = 5;
const FAR = 5;

export interface Outliers {
  /** Indices of points far out whose next neighbour is not: no change. */
  alone: number[];
  /** The newest point is far out: the next one shows whether it is an outlier or a change. */
  isNewestFar: boolean;
  /** And the one before it was not, on that side. */
  isNewestAlone: boolean;
}

/**
 * A point is far out beyond 5 robust deviations from the median of the 14 points before it, and by
 * `leastDistance` at least: less is of no interest, however quiet the series.
 */
export function findOutliers(series: readonly number[], leastDistance: number): Outliers {
  const alone: number[] = [];
  let isNewestFar = false;
  let isNewestAlone = false;
  let sideBefore: -1 | 0 | 1 = 0;
  for (const [at, value] of series.entries()) {
    const window = series
      .slice(0, at)
      .filter((_, before) => !alone.includes(before))
      .slice(-WINDOW);
    const side = farSide(value, window, leastDistance);
    if (at === series.length - 1) {
      isNewestFar = side !== 0;
      isNewestAlone = isNewestFar && side !== sideBefore;
    } else if (side !== 0 && farSide(series[at + 1]!, window, leastDistance) !== side)
      alone.push(at);
    sideBefore = side;
  }
  return { alone, isNewestFar, isNewestAlone };
}

/** 1 above, -1 below, 0 within what the window lets expect, or where it is too short to say. */
function farSide(value: number, window: readonly number[], leastDistance: number): -1 | 0 | 1 {
  if (window.length < LEAST_WINDOW) return 0;
  const distance = value - median(window);
  if (Math.abs(distance) <= Math.max(leastDistance, FAR * robustDeviation(window))) return 0;
  return distance > 0 ? 1 : -1;
}
