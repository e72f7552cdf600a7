/** Owns what a number of pairs can see: the effect that is found in four of five experiments. */

/** Of the signed-rank test against the t-test on normal noise: 3 / pi. */
const SIGNED_RANK_EFFICIENCY = 3 / Math.PI;
const POWER = 0.8;

/**
 * In units of the standard deviation of the paired differences, two-sided. Null where so few pairs
 * can never come below `alpha`, however large the effect.
 */
export function detectableEffect(pairs: number, alpha: number): number | null {
  // The least p-value there is: all signs alike.
  if (2 ** (1 - pairs) > alpha) return null;
  const degrees = pairs - 1;
  const distance = tQuantile(1 - alpha / 2, degrees) + tQuantile(POWER, degrees);
  return distance / Math.sqrt(pairs * SIGNED_RANK_EFFICIENCY);
}

/**
 * Student's t by the expansion of Cornish and Fisher: within 1% from five degrees of freedom on,
 * at the probabilities that stand here.
 */
export function tQuantile(probability: number, degrees: number): number {
  const z = normalQuantile(probability);
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3)
  );
}

/** `probability` in [0.5, 1). Abramowitz and Stegun 26.2.23: wrong by less than 4.5e-4. */
function normalQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - probability));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return t - above / below;
}
