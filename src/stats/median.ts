/** Computes the median of a list and its median absolute deviation, which no outlier moves. */

/** Makes the median absolute deviation the standard deviation where the values are normal. */
const NORMAL_CONSISTENCY = 1.4826;

/** NaN for an empty list; the list stays as it is. */
export function median(values: Iterable<number>): number {
  return medianOfSorted(Float64Array.from(values).sort());
}

/** Null where one is not known, since a median of the others would be of the better ones; and of none. */
export function medianOfAll(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : median(known);
}

/** NaN for an empty list. */
export function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A robust standard deviation: 1.4826 times the median absolute deviation. */
export function robustDeviation(values: readonly number[]): number {
  const middle = median(values);
  return NORMAL_CONSISTENCY * median(values.map((value) => Math.abs(value - middle)));
}
