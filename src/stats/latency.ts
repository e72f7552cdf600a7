/**
 * Turns histograms into the latency figures of a result: milliseconds, percentiles only where the
 * samples carry them and no missing request could change them, and the check by Little's law.
 */
import { samplesForPercentile } from "../percentile-samples.ts";
import type { LittlesLaw } from "../result/law-words.ts";
import type { Latency, LatencyBounds } from "../result/schema.ts";
import { LatencyHistogram } from "./histogram.ts";
import { isExact, type LatencyDistribution, percentileBounds } from "./latency-bounds.ts";

export const NS_PER_MS = 1e6;

/** The percentiles of a result by their fields. */
const PERCENTILES = {
  p50Ms: 50,
  p90Ms: 90,
  p95Ms: 95,
  p99Ms: 99,
  p999Ms: 99.9,
} as const;

export type PercentileField = keyof typeof PERCENTILES;

const ALL_PERCENTILES = Object.keys(PERCENTILES) as PercentileField[];

/** What an interval has, too: the deviation is left out, since it is two more walks through all buckets. */
export type LatencyFigures<P extends PercentileField> = Pick<
  Latency,
  "meanMs" | "minMs" | "maxMs" | "atLeast" | "atMost"
> &
  Pick<Latency, P>;

/** @param missing lower bounds of the latencies of requests without one */
export function toLatency(
  histogram: LatencyHistogram,
  missing: LatencyHistogram | null = null,
): Latency {
  const missed = missing?.count ?? 0;
  return {
    count: histogram.count,
    ...latencyFigures(histogram, missing, ALL_PERCENTILES),
    stddevMs: missed > 0 || histogram.count === 0 ? null : histogram.stddevNs / NS_PER_MS,
    histogram: histogram.toBase64(),
    missing: missed === 0 ? null : { count: missed, histogram: missing!.toBase64() },
  };
}

/** As `figuresOfDistribution`. @param missing lower bounds of the requests without a latency */
export function latencyFigures<P extends PercentileField>(
  histogram: LatencyHistogram,
  missing: LatencyHistogram | null,
  percentiles: readonly P[],
): LatencyFigures<P> {
  if (missing === null || missing.count === 0) {
    return figuresOfDistribution(histogram, histogram, percentiles);
  }
  const all = new LatencyHistogram();
  all.add(histogram);
  all.add(missing);
  const figures = figuresOfDistribution(histogram, all, percentiles);
  all.destroy();
  return figures;
}

/**
 * A figure that a missing request could change, or that too few samples carry, is null; what bounds
 * it is in `atLeast` and `atMost`.
 * @param all with the missing requests at their lower bounds; `histogram` without any
 */
export function figuresOfDistribution<P extends PercentileField>(
  histogram: LatencyDistribution,
  all: LatencyDistribution,
  percentiles: readonly P[],
): LatencyFigures<P> {
  const missed = all.count - histogram.count;
  const orNull = (ns: number) => (histogram.count === 0 ? null : ns / NS_PER_MS);
  const unlessMissed = (ns: number) => (missed > 0 ? null : orNull(ns));
  const figures = {} as Pick<Latency, P>;
  const atLeast: LatencyBounds = {};
  const atMost: LatencyBounds = {};
  for (const field of percentiles) {
    figures[field] = null;
    if (all.count === 0) continue;
    const bounds = percentileBounds(PERCENTILES[field], histogram, all);
    const isCarried = carriesPercentile(all.count, PERCENTILES[field]);
    if (isCarried && isExact(bounds)) {
      figures[field] = bounds.highNs / NS_PER_MS;
      continue;
    }
    if (missed > 0) atLeast[field] = bounds.lowNs / NS_PER_MS;
    if (!isCarried && missed === 0) atMost[field] = all.maxNs / NS_PER_MS;
    if (isCarried && bounds.highNs < Number.POSITIVE_INFINITY) {
      atMost[field] = bounds.highNs / NS_PER_MS;
    }
  }
  if (missed > 0) {
    atLeast.meanMs = all.meanNs / NS_PER_MS;
    atLeast.maxMs = all.maxNs / NS_PER_MS;
  }
  return {
    ...figures,
    meanMs: unlessMissed(histogram.meanNs),
    minMs: orNull(histogram.minNs),
    maxMs: unlessMissed(histogram.maxNs),
    atLeast: orNone(atLeast),
    atMost: orNone(atMost),
  };
}

function orNone(bounds: LatencyBounds): LatencyBounds | null {
  return Object.keys(bounds).length === 0 ? null : bounds;
}

/** Whether at least ten of `count` samples lie beyond the percentile, in [0, 100]. */
export function carriesPercentile(count: number, percentile: number): boolean {
  return count >= samplesForPercentile(percentile);
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
