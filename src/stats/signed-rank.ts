/**
 * Computes the exact Wilcoxon signed-rank test of paired differences, and the distribution that the
 * Hodges-Lehmann interval uses too. Zeros are left out, as Wilcoxon had it; ties share their midrank,
 * and the p-value is exact with them too: it counts all 2^n ways to flip the signs.
 */
import { doubledMidranks } from "./midranks.ts";

export interface SignedRankTest {
  /** Differences that are not zero. */
  count: number;
  /** Sum of the ranks of the positive ones. */
  positiveRankSum: number;
  /** Two-sided; 1 where all differences are zero. */
  pValue: number;
}

export function signedRankTest(differences: readonly number[]): SignedRankTest {
  const nonZero = differences.filter((difference) => difference !== 0);
  const doubled = doubledMidranks(nonZero.map(Math.abs));
  let positive = 0;
  for (const [at, rank] of doubled.entries()) if (nonZero[at]! > 0) positive += rank;
  const cumulative = cumulativeOfSums(doubled);
  // By symmetry the upper tail is the lower one mirrored, which no subtraction from 1 rounds off.
  const mirrored = cumulative.length - 1 - positive;
  const pValue = Math.min(1, 2 * cumulative[Math.min(positive, mirrored)]!);
  return { count: nonZero.length, positiveRankSum: positive / 2, pValue };
}

/** P(W <= w) at index w, for `count` differences without ties. */
export function signedRankCumulative(count: number): Float64Array {
  return cumulativeOfSums(Array.from({ length: count }, (_, at) => at + 1));
}

/** Of the sum of those `ranks` that a fair coin picks, each by itself. */
function cumulativeOfSums(ranks: readonly number[]): Float64Array {
  const chances = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 0) + 1);
  chances[0] = 1;
  let most = 0;
  for (const rank of ranks) {
    most += rank;
    // From above, so that what this rank is added to has not met it yet.
    for (let sum = most; sum >= rank; sum--) {
      chances[sum] = (chances[sum]! + chances[sum - rank]!) / 2;
    }
    for (let sum = rank - 1; sum >= 0; sum--) chances[sum] = chances[sum]! / 2;
  }
  for (let sum = 1; sum < chances.length; sum++) chances[sum] = chances[sum]! + chances[sum - 1]!;
  return chances;
}
