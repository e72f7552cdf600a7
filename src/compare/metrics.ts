/** Lists the figures in which two runs are compared, each with its least effect of interest. */
import { judgedLatency } from "../result/judged-latency.ts";
import type { LatencyBounds, OperationResult, RunResult } from "../result/schema.ts";
import { carriesPercentile } from "../stats/latency.ts";
import { endedRequests } from "../workloads/series-roles.ts";
import type { MetricComparison, MetricName } from "./schema.ts";

/** What is known of a figure that requests without a latency made unknown. */
export interface Unknown {
  /** 0 where nothing bounds it from below. */
  low: number;
  /** Infinite where nothing bounds it from above. */
  high: number;
  /** A clause: `requests failed`. */
  why: string;
}

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
  /** Of a run that `read` has null for; null where the figure is absent for another reason. Absent: always. */
  unknown?(operation: OperationResult, result: RunResult): Unknown | null;
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
  field: keyof LatencyBounds,
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
    read: (operation) => measuredMs(judgedLatency(operation)[field]),
    unknown: (operation) => {
      const { failed, dropped } = operation.requests;
      const { missing, atLeast, atMost } = judgedLatency(operation);
      if (missing === null && failed + dropped === 0) return null;
      // Too few requests for the figure, whatever became of them.
      const percentile = PERCENTILES[name];
      const all = operation.requests.succeeded + (missing?.count ?? failed + dropped);
      if (percentile !== undefined && !carriesPercentile(all, percentile)) return null;
      return {
        low: measuredMs(atLeast?.[field]) ?? 0,
        high: measuredMs(atMost?.[field]) ?? Number.POSITIVE_INFINITY,
        why: whyMissing(failed, dropped),
      };
    },
  };
}

/** A histogram keeps what took no time as its least value, a nanosecond. */
function measuredMs(ms: number | null | undefined): number | null {
  if (ms === null || ms === undefined) return null;
  return ms < 1.5e-6 ? 0 : ms;
}

const PERCENTILES: Partial<Record<MetricName, number>> = { p50: 50, p90: 90, p99: 99, p999: 99.9 };

function whyMissing(failed: number, dropped: number): string {
  if (failed > 0) return dropped > 0 ? "requests failed or were dropped" : "requests failed";
  return dropped > 0 ? "requests were dropped" : "requests did not end";
}

/** Null where one is missing: a sum of the others would be another figure. */
function sumOf(values: readonly (number | null)[]): number | null {
  if (values.length === 0 || values.includes(null)) return null;
  return values.reduce<number>((sum, value) => sum + value!, 0);
}
