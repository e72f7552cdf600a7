/**
 * Owns the search for the nights on which a series changed: E-divisive with means (Matteson and
 * James, alpha = 1), each split proven by a permutation test of the largest statistic.
 */
import { type Random, randomBelow, seededRandom } from "../random.ts";

/** Points on either side of a split, at least. */
const LEAST_SEGMENT = 3;

export interface ChangeOptions {
  /** p at or below which the series is split there. */
  reportAt?: number;
  /** p at or below which a split is told of, and not made. */
  watchAt?: number;
  permutations?: number;
  seed?: number;
}

export interface Change {
  /** Index of the first point after the change. */
  at: number;
  pValue: number;
  /** Below `reportAt`: the series is split there. Else it is worth watching, no more. */
  isReported: boolean;
}

/** In the order of the series. The same series, options and seed give the same changes. */
export function findChanges(series: readonly number[], options: ChangeOptions = {}): Change[] {
  const { reportAt = 0.001, watchAt = 0.01, permutations = 999, seed = 1 } = options;
  const random = seededRandom(seed, 0);
  const search = new SplitSearch(series.length);
  const found: Change[] = [];
  const visit = (from: number, to: number): void => {
    const points = Float64Array.from(series.slice(from, to));
    const split = search.best(points);
    if (split === null) return;
    const exceed = Math.floor(watchAt * (permutations + 1)) - 1;
    const beaten = search.timesBeaten(points, split.statistic, permutations, exceed, random);
    if (beaten > exceed) return;
    const pValue = (1 + beaten) / (permutations + 1);
    const isReported = pValue <= reportAt;
    const at = from + split.at;
    if (isReported) visit(from, at);
    found.push({ at, pValue, isReported });
    if (isReported) visit(at, to);
  };
  visit(0, series.length);
  return found;
}

interface Split {
  at: number;
  statistic: number;
}

/** Holds the working memory that thousands of searches share. */
class SplitSearch {
  /** Sum of the distances among the points from index i up to the newest. */
  readonly #tail: Float64Array;
  /** Sum of the distances among the first i points, over i - 1. */
  readonly #head: Float64Array;
  /** 1 / (i - 1): a division would take most of the time. */
  readonly #weight: Float64Array;

  constructor(longest: number) {
    this.#tail = new Float64Array(longest + 1);
    this.#head = new Float64Array(longest + 1);
    this.#weight = new Float64Array(longest + 1).map((_, i) => 1 / (i - 1));
  }

  /**
   * The split with the largest statistic over every split and every end behind it; null where the
   * points are too few. Takes time in the square of the points and memory in their number.
   *
   * With m points before a split, w behind it up to an end, sums of distances X and Y on either side
   * and S over all, the statistic 2/(m+w) (S - X - Y) - 2w X / ((m+w)(m-1)) - 2m Y / ((m+w)(w-1)) is
   * 2/(m+w) (S - (m+w-1) (X/(m-1) + Y/(w-1))), so that the innermost loop has one product.
   */
  best(points: Float64Array): Split | null {
    const tail = this.#tail;
    const head = this.#head;
    const weight = this.#weight;
    let statistic = Number.NEGATIVE_INFINITY;
    let at = -1;
    for (let newest = 0; newest < points.length; newest++) {
      const value = points[newest]!;
      const end = newest + 1;
      let distances = 0;
      tail[newest] = 0;
      let i = newest - 1;
      // So near to the end that too few points lie behind a split.
      for (; i > end - LEAST_SEGMENT; i--) {
        distances += Math.abs(points[i]! - value);
        tail[i] = tail[i]! + distances;
      }
      let leastWithin = Number.POSITIVE_INFINITY;
      let leastAt = -1;
      for (; i >= LEAST_SEGMENT; i--) {
        distances += Math.abs(points[i]! - value);
        const behind = tail[i]! + distances;
        tail[i] = behind;
        const within = head[i]! + behind * weight[end - i]!;
        if (within < leastWithin) {
          leastWithin = within;
          leastAt = i;
        }
      }
      for (; i >= 0; i--) {
        distances += Math.abs(points[i]! - value);
        tail[i] = tail[i]! + distances;
      }
      const all = tail[0]!;
      head[end] = all * weight[end]!;
      const largest = (2 / end) * (all - newest * leastWithin);
      if (leastAt >= 0 && largest > statistic) {
        statistic = largest;
        at = leastAt;
      }
    }
    return at < 0 ? null : { at, statistic };
  }

  /** In how many shuffles the largest statistic is as large; stops once that is more than `enough`. */
  timesBeaten(
    points: Float64Array,
    statistic: number,
    permutations: number,
    enough: number,
    random: Random,
  ): number {
    const shuffled = points.slice();
    let beaten = 0;
    for (let round = 0; round < permutations && beaten <= enough; round++) {
      shuffle(shuffled, random);
      if (this.best(shuffled)!.statistic >= statistic) beaten++;
    }
    return beaten;
  }
}

/** Fisher and Yates, in place. */
function shuffle(values: Float64Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = randomBelow(random, last + 1);
    const value = values[last]!;
    values[last] = values[other]!;
    values[other] = value;
  }
}
