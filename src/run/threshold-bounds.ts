/** What the requests of a series prove of the figure of a threshold: the figure itself, or bounds of it. */
import { percentileOf } from "../flags/threshold.ts";
import type { Threshold } from "../plan/schema.ts";
import { judgedLatency } from "../result/judged-latency.ts";
import type { EndpointResult, Latency, LatencyFigure, OperationResult } from "../result/schema.ts";
import { percentileAtLeastMs } from "../stats/order-bound.ts";
import { stddevAtLeastMs } from "../stats/stddev-bound.ts";

/** The figure is in [least, most]; equal where it is known. */
export interface Bounds {
  least: number;
  most: number;
}

export const UNKNOWN: Bounds = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

export function boundsOf(metric: Threshold["metric"], operation: OperationResult): Bounds {
  const { failed, dropped, offered, succeeded, unreported = 0 } = operation.requests;
  if (metric === "qps") {
    const rate = operation.throughputPerSec;
    if (rate === null || unreported === 0) return known(rate);
    return {
      least: rate,
      most: succeeded === 0 ? UNKNOWN.most : (rate * (succeeded + unreported)) / succeeded,
    };
  }
  if (metric === "errors") {
    const perhaps = perhapsDropped(operation);
    // What was due and never sent was not answered either.
    const missing = failed + dropped;
    const isInDropped = unreported <= dropped;
    const all = offered + (isInDropped ? 0 : unreported);
    const share = (count: number) => (all === 0 ? 0 : count / all);
    return perhaps === 0
      ? {
          least: share(missing - (isInDropped ? unreported : 0)),
          most: share(missing + (isInDropped ? 0 : unreported)),
        }
      : { least: failed / (offered + perhaps), most: (failed + perhaps) / (offered + perhaps) };
  }
  const latency = judgedLatency(operation);
  const field = FIELDS[metric];
  const figure = latency[field];
  if (figure !== null) return known(figure);
  if (field === "stddevMs") return { ...UNKNOWN, least: stddevAtLeastMs(latency) ?? UNKNOWN.least };
  if (field === "minMs") return UNKNOWN;
  const { atLeast, atMost } = latency;
  const percentile = percentileOf(metric);
  return {
    least: Math.max(
      atLeast?.[field] ?? UNKNOWN.least,
      percentile === null ? UNKNOWN.least : leastOfPercentile(percentile, latency),
    ),
    most: atMost?.[field] ?? mostOfPercentile(percentile, latency),
  };
}

const FIELDS: Record<Exclude<Threshold["metric"], "qps" | "errors">, LatencyFigure> = {
  p50: "p50Ms",
  p90: "p90Ms",
  p95: "p95Ms",
  p99: "p99Ms",
  p999: "p999Ms",
  mean: "meanMs",
  stddev: "stddevMs",
  max: "maxMs",
};

const PERCENTILES = [
  [0, "minMs"],
  [50, "p50Ms"],
  [90, "p90Ms"],
  [95, "p95Ms"],
  [99, "p99Ms"],
  [99.9, "p999Ms"],
] as const;

/** Percentiles rise: a known lower one bounds it, and so do many slow requests. */
export function leastOfPercentile(percentile: number, latency: Latency): number {
  const below = PERCENTILES.filter(([other]) => other < percentile).flatMap(([, field]) => {
    const figure = latency[field];
    const isTouched = field === "minMs" && latency.missing !== null;
    return figure === null || isTouched ? [] : [figure];
  });
  const { histogram, missing } = latency;
  const histograms = [histogram, missing?.histogram ?? null].filter((each) => each !== null);
  const proven = percentileAtLeastMs(percentile, histograms);
  return Math.max(UNKNOWN.least, ...below, ...(proven === null ? [] : [proven]));
}

export function mostOfPercentile(percentile: number | null, { maxMs, missing }: Latency): number {
  return percentile === null || maxMs === null || missing !== null ? UNKNOWN.most : maxMs;
}

export function samplesOf({ count, missing }: Latency): number {
  return count + (missing?.count ?? 0);
}

/** Of the requests that were never sent it is not known which endpoint they would have gone to. */
export function perhapsDropped(operation: OperationResult | EndpointResult): number {
  return "perhapsDropped" in operation ? (operation.perhapsDropped ?? 0) : 0;
}

function known(figure: number | null): Bounds {
  return figure === null ? UNKNOWN : { least: figure, most: figure };
}
