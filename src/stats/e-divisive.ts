/**
 * Finds the points at which a series changed: E-divisive with means (Matteson and James, alpha = 1),
 * each split proven by a permutation test of the largest statistic. The statistic proves that there is
 * a change; its position is then found between its neighbours by likelihood, which is nearer to the
 * truth.
 */
import { type Random, randomBelow, seededRandom } from "../random.ts";
import { type ChangePosition, LEAST_SEGMENT, locateChange } from "./change-position.ts";

export interface ChangeOptions {
  /** p at or below which the series is split there. */
  reportAt?: number;
  /** p at or below which a split is reported, and not made. */
  watchAt?: number;
  permutations?: number;
  seed?: number;
}

export interface Change extends ChangePosition {
  pValue: number;
  /** Below `reportAt`: the series is split there. Else it is worth watching, no more. */
  isReported: boolean;
}

/** In the order of the series. The same series, options and seed give the same changes. */
export function findChanges(series: readonly number[], options: ChangeOptions = {}): Change[] {
  const { reportAt = 0.001, watchAt = 0.01, permutations = 999, seed = 1 } = options;
  const random = seededRandom(seed, 0);
  const search = new SplitSearch(series.length);
  const found: Split[] = [];
  const visit = (from: number, to: number): void => {
    const points = Float64Array.from(series.slice(from, to));
    const largest = search.largest(points);
    if (largest === null) return;
    const exceed = Math.floor(watchAt * (permutations + 1)) - 1;
    const beaten = search.timesBeaten(points, largest.statistic, permutations, exceed, random);
    if (beaten > exceed) return;
    const pValue = (1 + beaten) / (permutations + 1);
    const isReported = pValue <= reportAt;
    const at = from + largest.at;
    if (isReported) visit(from, at);
    found.push({ at, pValue, isReported });
    if (isReported) visit(at, to);
  };
  visit(0, series.length);
  return located(series, found);
}

interface Split {
  at: number;
  pValue: number;
  isReported: boolean;
}

/** From left to right, so that a position never comes to lie before that of the change before it. */
function located(series: readonly number[], splits: readonly Split[]): Change[] {
  let from = 0;
  return splits.map((split, which) => {
    const next = splits.slice(which + 1).find(({ isReported }) => isReported);
    const { at, earliest, latest } = locateChange(series.slice(from, next?.at));
    const change = { ...split, at: from + at, earliest: from + earliest, latest: from + latest };
    if (split.isReported) from = change.at;
    return change;
  });
}

/** The split that the search starts with; null for series too short to be split. */
export function largestSplit(series: readonly number[]): { at: number; statistic: number } | null {
  return new SplitSearch(series.length).largest(Float64Array.from(series));
}

/** Points that join at once, so that their sums, none of which waits for another, overlap. */
const BLOCK = 3;

/** Holds the working memory that thousands of searches share. */
class SplitSearch {
  /** The points under search; the rest up to a whole block counts for nothing. */
  readonly #points: Float64Array;
  /** Sum of the distances among the points from index i up to the newest. */
  readonly #tail: Float64Array;
  /** Sum of the distances among the first i points, over i - 1. */
  readonly #head: Float64Array;
  /** 1 / (i - 1): a division would take most of the time. */
  readonly #weight: Float64Array;

  constructor(longest: number) {
    const size = longest + BLOCK + 1;
    this.#points = new Float64Array(size);
    this.#tail = new Float64Array(size);
    this.#head = new Float64Array(size);
    this.#weight = new Float64Array(size).map((_, i) => 1 / (i - 1));
    // No split is made of a side with too few points, since this is what it would cost.
    this.#head.fill(Number.POSITIVE_INFINITY, 0, LEAST_SEGMENT);
    this.#weight.fill(Number.POSITIVE_INFINITY, 0, LEAST_SEGMENT);
  }

  /**
   * The split with the largest statistic over every split and every end after it; null where the
   * points are too few. Takes time in the square of the points and memory in their number.
   *
   * With m points before a split, w after it up to an end, sums of distances X and Y on either side
   * and S over all, the statistic 2/(m+w) (S - X - Y) - 2w X / ((m+w)(m-1)) - 2m Y / ((m+w)(w-1)) is
   * 2/(m+w) (S - (m+w-1) (X/(m-1) + Y/(w-1))), so that the innermost loop has one product an end.
   */
  largest(series: Float64Array): { at: number; statistic: number } | null {
    const points = this.#points;
    const tail = this.#tail;
    const head = this.#head;
    const weight = this.#weight;
    points.set(series);
    let statistic = Number.NEGATIVE_INFINITY;
    let at = -1;
    const judge = (end: number, all: number, leastWithin: number, leastAt: number) => {
      if (end > series.length) return;
      if (end >= LEAST_SEGMENT) head[end] = all * weight[end]!;
      const largest = (2 / end) * (all - (end - 1) * leastWithin);
      if (leastAt < 0 || largest <= statistic) return;
      statistic = largest;
      at = leastAt;
    };
    for (let first = 0; first < series.length; first += BLOCK) {
      const a = points[first]!;
      const b = points[first + 1]!;
      const c = points[first + 2]!;
      // Of each newcomer the distances to all points from index i on that came before it.
      let ofA = 0;
      let ofB = Math.abs(a - b);
      let ofC = Math.abs(a - c) + Math.abs(b - c);
      tail[first + 2] = 0;
      tail[first + 1] = Math.abs(b - c);
      tail[first] = ofB + ofC;
      let leastA = Number.POSITIVE_INFINITY;
      let leastB = Number.POSITIVE_INFINITY;
      // The only split within the block that leaves enough points after it.
      let leastC = head[first]! + (ofB + ofC) * weight[BLOCK]!;
      let atA = -1;
      let atB = -1;
      let atC = leastC < Number.POSITIVE_INFINITY ? first : -1;
      for (let i = first - 1; i >= 0; i--) {
        const point = points[i]!;
        ofA += Math.abs(point - a);
        ofB += Math.abs(point - b);
        ofC += Math.abs(point - c);
        const afterA = tail[i]! + ofA;
        const afterB = afterA + ofB;
        const afterC = afterB + ofC;
        tail[i] = afterC;
        const before = head[i]!;
        const withinA = before + afterA * weight[first + 1 - i]!;
        const withinB = before + afterB * weight[first + 2 - i]!;
        const withinC = before + afterC * weight[first + 3 - i]!;
        if (withinA < leastA) {
          leastA = withinA;
          atA = i;
        }
        if (withinB < leastB) {
          leastB = withinB;
          atB = i;
        }
        if (withinC < leastC) {
          leastC = withinC;
          atC = i;
        }
      }
      const all = tail[0]!;
      judge(first + 1, all - ofC - ofB, leastA, atA);
      judge(first + 2, all - ofC, leastB, atB);
      judge(first + 3, all, leastC, atC);
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
      if (this.largest(shuffled)!.statistic >= statistic) beaten++;
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
