/**
 * Owns how a histogram becomes the latency figures of a result: milliseconds, percentiles only
 * where the samples carry them, and the check by Little's law.
 */
import type { Latency, OperationResult } from "../result/schema.ts";
import type { LatencyHistogram } from "./histogram.ts";

export const NS_PER_MS = 1e6;

/** A percentile with fewer samples than this beyond it is noise, and null in a result. */
const MIN_SAMPLES_BEYOND = 10;

/** How far the measured mean may be from clients / rate. */
const LITTLES_LAW_TOLERANCE = 0.05;

export type LittlesLaw = NonNullable<OperationResult["littlesLaw"]>;

export function toLatency(histogram: LatencyHistogram): Latency {
  const { count } = histogram;
  const orNull = (ns: number) => (count === 0 ? null : ns / NS_PER_MS);
  const percentileMs = (percentile: number) =>
    carriesPercentile(count, percentile) ? histogram.percentileNs(percentile) / NS_PER_MS : null;
  return {
    count,
    meanMs: orNull(histogram.meanNs),
    stddevMs: orNull(histogram.stddevNs),
    minMs: orNull(histogram.minNs),
    p50Ms: percentileMs(50),
    p90Ms: percentileMs(90),
    p95Ms: percentileMs(95),
    p99Ms: percentileMs(99),
    p999Ms: percentileMs(99.9),
    maxMs: orNull(histogram.maxNs),
    histogram: histogram.toBase64(),
  };
}

/** Whether at least ten of `count` samples lie beyond the percentile, in [0, 100]. */
export function carriesPercentile(count: number, percentile: number): boolean {
  return count >= samplesForPercentile(percentile);
}

/** The fewest samples of which at least ten lie beyond the percentile, in [0, 100). */
export function samplesForPercentile(percentile: number): number {
  // Tenths of a percent, rounded: 1 - 0.999 in floating point would refuse 10,000 samples.
  const beyondPerMille = Math.round((100 - percentile) * 10);
  return Math.ceil((MIN_SAMPLES_BEYOND * 1000) / beyondPerMille);
}

/**
 * Clients over rate against the measured mean, as it must be in a closed loop whose clients are
 * never idle. Null where there is no rate or no mean.
 */
export function littlesLaw(
  clients: number,
  throughputPerSec: number | null,
  meanMs: number | null,
): LittlesLaw | null {
  if (!throughputPerSec || meanMs === null) return null;
  const expectedMeanMs = (clients / throughputPerSec) * 1000;
  return { expectedMeanMs, measuredMeanMs: meanMs, ratio: meanMs / expectedMeanMs };
}

/** Whether the measured mean lies within 5% of the expected one. */
export function holdsLittlesLaw(law: LittlesLaw): boolean {
  return Math.abs(law.ratio - 1) <= LITTLES_LAW_TOLERANCE;
}
