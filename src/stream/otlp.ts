/**
 * Encodes metrics as a request of OTLP/HTTP in JSON, with exponential histograms, cumulative over the run.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { type ExponentialBucket, SCALE } from "../stats/exponential-histogram.ts";
import type { Labels, MetricFamily } from "./metric-family.ts";

export const OTLP_HEADERS = { "Content-Type": "application/json" };

/** AGGREGATION_TEMPORALITY_CUMULATIVE */
const CUMULATIVE = 2;
const UNITS = { seconds: "s", ratio: "1" } as const;

export interface OtlpOptions {
  unixMs: number;
  startUnixMs: number;
  /** `etcd-bench`, and its version. */
  tool: { name: string; version: string };
}

/** Nanoseconds are strings, since they do not fit a number. */
export function otlpBody(families: readonly MetricFamily[], options: OtlpOptions): Buffer {
  const { unixMs, startUnixMs, tool } = options;
  const times = { startTimeUnixNano: nanos(startUnixMs), timeUnixNano: nanos(unixMs) };
  const metrics = families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => ({
      name: family.name,
      description: family.help,
      unit: family.unit === undefined ? "1" : UNITS[family.unit],
      ...dataOf(family, times),
    }));
  const attributes = attributesOf({ "service.name": "bench", "service.version": tool.version });
  return Buffer.from(
    JSON.stringify({
      resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope: tool, metrics }] }],
    }),
  );
}

function dataOf(family: MetricFamily, times: { startTimeUnixNano: string; timeUnixNano: string }) {
  if (family.type === "histogram") {
    const dataPoints = family.samples.map(({ labels, value }) => ({
      ...{ attributes: attributesOf(labels), ...times },
      count: String(value.count),
      sum: value.sumSeconds,
      scale: SCALE,
      // No duration is 0.
      zeroCount: "0",
      positive: contiguous(value.buckets),
    }));
    return { exponentialHistogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
  }
  const dataPoints = family.samples.map(({ labels, value }) => ({
    ...{ attributes: attributesOf(labels), ...times, asDouble: value },
  }));
  if (family.type === "gauge") return { gauge: { dataPoints } };
  return { sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } };
}

/**
 * All buckets from the first to the last. Bucket i of OpenTelemetry begins where bucket i of Prometheus
 * ends.
 */
function contiguous(buckets: readonly ExponentialBucket[]) {
  const first = buckets[0]?.index ?? 1;
  const bucketCounts: string[] = [];
  for (const { index, count } of buckets) {
    while (bucketCounts.length < index - first) bucketCounts.push("0");
    bucketCounts.push(String(count));
  }
  return { offset: first - 1, bucketCounts };
}

function attributesOf(labels: Labels) {
  return Object.entries(labels)
    .filter(([, value]) => value !== "")
    .map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function nanos(unixMs: number): string {
  return `${Math.round(unixMs)}000000`;
}
