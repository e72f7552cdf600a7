/**
 * Calculates what is known of a percentile when some requests have no latency: they failed, timed
 * out, were cut off or never sent. Of each it is known how long it had waited by then, a lower bound.
 */

/** As little of a histogram as the arithmetic needs. */
export interface Distribution {
  readonly count: number;
  /** `percentile` in [0, 100]; the value of rank ceil(percentile / 100 * count), and at least 1. */
  percentileNs(percentile: number): number;
}

/** What a latency's figures are made of; each is 0 when it is empty. */
export interface LatencyDistribution extends Distribution {
  readonly minNs: number;
  readonly maxNs: number;
  readonly meanNs: number;
}

/** The percentile lies in [lowNs, highNs], whatever the missing requests would have taken. */
export interface PercentileBounds {
  lowNs: number;
  /** Infinity where the percentile may be that of a missing request. */
  highNs: number;
}

/** Two neighbouring values of a histogram of three digits differ by less: they are one figure. */
const PRECISION = 1e-3;

/**
 * @param answered latencies of the requests that succeeded
 * @param all the same, and the missing requests at their lower bounds; `answered` without any
 */
export function percentileBounds(
  percentile: number,
  answered: Distribution,
  all: Distribution,
): PercentileBounds {
  const atLowerBoundsNs = all.percentileNs(percentile);
  if (all.count === answered.count) return { lowNs: atLowerBoundsNs, highNs: atLowerBoundsNs };
  // With the missing at infinity, the percentile's rank counts among those that were answered.
  const rank = rankOf(percentile, all.count);
  const highNs =
    rank > answered.count
      ? Number.POSITIVE_INFINITY
      : answered.percentileNs((100 * (rank - 0.5)) / answered.count);
  // A histogram cuts its top bucket at its own maximum, so the two may differ within one bucket.
  return { lowNs: Math.min(atLowerBoundsNs, highNs), highNs };
}

/** Whether no missing request could change the percentile by more than the histogram's precision. */
export function isExact({ lowNs, highNs }: PercentileBounds): boolean {
  return highNs <= lowNs * (1 + PRECISION);
}

function rankOf(percentile: number, count: number): number {
  // 0.999 * 10,000 is a little more than 9,990 in floating point.
  return Math.max(1, Math.ceil(((percentile * count) / 100) * (1 - 2 * Number.EPSILON)));
}
