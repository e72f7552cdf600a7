/** The upper tail of the normal distribution. */

/** Of the polynomial 26.2.17 in Abramowitz and Stegun, whose error is below 7.5e-8. */
const SCALE = 0.2316419;
const COEFFICIENTS = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];

/** The chance of a standard normal value above `z`, which is not negative. */
export function upperNormalTail(z: number): number {
  const t = 1 / (1 + SCALE * z);
  const polynomial = COEFFICIENTS.reduceRight((sum, each) => (sum + each) * t, 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
