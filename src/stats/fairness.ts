/** Computes how evenly something was shared among its contenders. */
import type { Fairness } from "../result/schema.ts";

/**
 * Of what each got. Jain's index is the square of the sum over the count times the sum of squares: 1
 * where all got the same, 1 over their count where one got everything; null where no client got any.
 */
export function fairnessOf(shares: readonly number[]): Fairness {
  let sum = 0;
  let sumOfSquares = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const share of shares) {
    sum += share;
    sumOfSquares += share ** 2;
    least = Math.min(least, share);
    most = Math.max(most, share);
  }
  return {
    contenders: shares.length,
    least: shares.length === 0 ? 0 : least,
    most,
    jainIndex: sum === 0 ? null : sum ** 2 / (shares.length * sumOfSquares),
  };
}
