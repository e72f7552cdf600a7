/** Lists the figures in which two runs are compared, each with its least effect of interest. */
import { judgedLatency } from "../result/judged-latency.ts";
import type { LatencyFigure, OperationResult, RunResult } from "../result/schema.ts";
import { endedRequests } from "../workloads/series-roles.ts";
import type { MetricComparison, MetricName } from "./schema.ts";

export interface Metric {
  name: MetricName;
  unit: MetricComparison["unit"];
  better: MetricComparison["better"];
  /** A fraction of the base; less than this is of no interest. */
  leastEffect: number;
  isLatency: boolean;
  /** Requests in a run below which it is shown and not gated: a hundred beyond the percentile. */
  leastRequests: number;
  /** Null where the run has no such figure. */
  read(operation: OperationResult, result: RunResult): number | null;
}

/** The name of the costs of etcd's members among the operations. */
export const ETCD = "etcd";

export const METRICS: readonly Metric[] = [
  {
    name: "throughput",
    unit: "per-second",
    better: "higher",
    leastEffect: 0.03,
    isLatency: false,
    leastRequests: 0,
    read: ({ throughputPerSec }) => throughputPerSec,
  },
  latency("mean", "meanMs", 0.05, 0),
  latency("p50", "p50Ms", 0.05, 200),
  latency("p90", "p90Ms", 0.1, 1_000),
  latency("p99", "p99Ms", 0.1, 10_000),
  latency("p999", "p999Ms", 0.2, 100_000),
];

/** Of a run as a whole, all its operations together. */
export const ETCD_METRICS: readonly Metric[] = [
  {
    name: "etcd-cpu",
    unit: "microseconds-per-request",
    better: "lower",
    leastEffect: 0.05,
    isLatency: false,
    leastRequests: 0,
    read: (_, { operations, server, plan }) => {
      const ended = endedRequests(operations, plan.workload.kind);
      const seconds = sumOf(server.map(({ cpuSeconds }) => cpuSeconds));
      return seconds === null || ended === 0 ? null : (seconds * 1e6) / ended;
    },
  },
  {
    name: "etcd-rss",
    unit: "bytes",
    better: "lower",
    leastEffect: 0.05,
    isLatency: false,
    leastRequests: 0,
    read: (_, { server }) => sumOf(server.map(({ rssMeanBytes }) => rssMeanBytes)),
  },
];

function latency(
  name: MetricName,
  field: LatencyFigure,
  leastEffect: number,
  leastRequests: number,
): Metric {
  return {
    name,
    unit: "ms",
    better: "lower",
    leastEffect,
    isLatency: true,
    leastRequests,
    read: (operation) => judgedLatency(operation)[field],
  };
}

/** Null where one is missing: a sum of the others would be another figure. */
function sumOf(values: readonly (number | null)[]): number | null {
  if (values.length === 0 || values.includes(null)) return null;
  return values.reduce<number>((sum, value) => sum + value!, 0);
}
