/** Adjusts the p-values of several tests made at once, so that each may be compared with alpha. */

/** Holm's: the chance of even one false alarm among all stays below alpha. */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length);
  let most = 0;
  for (const [rank, at] of ascending(pValues).entries()) {
    most = Math.max(most, Math.min(1, pValues[at]! * (pValues.length - rank)));
    adjusted[at] = most;
  }
  return adjusted;
}

/** Benjamini and Hochberg's: of those below alpha, a share of alpha is false. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  for (const [rank, at] of [...ascending(pValues).entries()].reverse()) {
    least = Math.min(least, (pValues[at]! * pValues.length) / (rank + 1));
    adjusted[at] = least;
  }
  return adjusted;
}

/** Places of the values, smallest value first. */
function ascending(values: readonly number[]): number[] {
  return values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
}
