/** Bounds the true median, or another percentile, by samples in order: no assumption about their law. */

export interface Interval {
  low: number;
  high: number;
}

/**
 * The narrowest interval between two samples that has the true median with this confidence; null
 * where so few samples have none (below six for 95%).
 */
export function medianInterval(values: readonly number[], confidence = 0.95): Interval | null {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  const tail = (1 - confidence) / 2;
  // P(Binomial(count, 1/2) < rank) must not exceed the tail.
  let below = 0;
  let chance = 0.5 ** count;
  let rank = 0;
  for (let k = 0; k < count / 2; k++) {
    below += chance;
    if (below > tail) break;
    rank = k + 1;
    chance *= (count - k) / (k + 1);
  }
  if (rank === 0) return null;
  return { low: sorted[rank - 1]!, high: sorted[count - rank]! };
}

/**
 * The sample that is at or above the true percentile with this confidence, by the normal
 * approximation of ranks; the largest where too few samples lie beyond. NaN for no samples.
 */
export function percentileUpperBound(
  sorted: ArrayLike<number>,
  share: number,
  standardDeviations = 1.645,
): number {
  const count = sorted.length;
  if (count === 0) return Number.NaN;
  const rank = count * share + standardDeviations * Math.sqrt(count * share * (1 - share));
  return sorted[Math.min(count - 1, Math.ceil(rank))]!;
}

/** The nearest-rank percentile. NaN for no samples. */
export function percentileOf(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}
