/** How many samples a percentile needs. */

/** A percentile with fewer samples than this beyond it is noise, and null in a result. */
const MIN_SAMPLES_BEYOND = 10;

/** The fewest samples of which at least ten lie beyond the percentile, in [0, 100). */
export function samplesForPercentile(percentile: number): number {
  // Tenths of a percent, rounded: 1 - 0.999 in floating point would refuse 10,000 samples.
  const beyondPerMille = Math.round((100 - percentile) * 10);
  return Math.ceil((MIN_SAMPLES_BEYOND * 1000) / beyondPerMille);
}
