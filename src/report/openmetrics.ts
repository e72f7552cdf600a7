/**
 * Renders `--output openmetrics`: OpenMetrics 1.0 text, in base units, each sample at the time of its
 * run, so that `promtool tsdb create-blocks-from openmetrics` puts a year of saved results where they
 * belong.
 */

import type { Comparison } from "../compare/schema.ts";
import type { Unit } from "../failover/metrics.ts";
import type { FailoverReport } from "../failover/report-schema.ts";
import { hostOf } from "../result/machine-of.ts";
import type { Latency, OperationResult, RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { metricLabels } from "../text/metric-labels.ts";
import { boundsOf, dataFiguresOf, failoverFigures } from "./failover/figures.ts";
import type { ReportFormat } from "./format.ts";
import { FIGURE_NAMES, type FigureName, figureOf, MEMBER_FIGURES } from "./member-figures.ts";
import { type Family, type Labels, openmetricsText, type Sample } from "./openmetrics-text.ts";

const SECONDS_PER_MS = 1e-3;
const QUANTILES = [
  ["0.5", "p50Ms"],
  ["0.9", "p90Ms"],
  ["0.95", "p95Ms"],
  ["0.99", "p99Ms"],
  ["0.999", "p999Ms"],
] as const;

export const openmetricsFormat: ReportFormat = {
  name: "openmetrics",
  render: (results) => openmetricsText(familiesOf(shownInFull(results))),
  renderComparison: (comparison) => openmetricsText(familiesOfComparison(comparison)),
  renderFailover: (report) => openmetricsText(familiesOfFailover(report)),
};

function familiesOf(results: readonly RunResult[]): Family[] {
  const ofRuns = (samples: (result: RunResult, at: number) => Sample[]) =>
    results.flatMap((result) => samples(result, Date.parse(result.startedAt) / 1000));
  const ofOperations = (
    samples: (operation: OperationResult, labels: Labels, at: number) => Sample[],
  ) =>
    ofRuns((result, at) =>
      result.operations.flatMap((operation) =>
        samples(operation, { run: result.id, operation: operation.name }, at),
      ),
    );
  const ofEndpoints = (samples: (of: OperationResult, labels: Labels, at: number) => Sample[]) =>
    ofRuns((result, at) =>
      result.byEndpoint.flatMap((each) => {
        const { operation, endpoint, member } = each;
        return samples(each, { run: result.id, operation, endpoint, member: member ?? "" }, at);
      }),
    );
  return [
    {
      name: "bench_run",
      type: "info",
      help: "What was run, and where.",
      samples: ofRuns((result, unixSeconds) => [
        { suffix: "_info", labels: runLabels(result), value: 1, unixSeconds },
      ]),
    },
    {
      name: "bench_requests",
      type: "counter",
      help: "Requests of the measured phase by what became of them.",
      samples: ofOperations(({ requests }, labels, unixSeconds) =>
        (["succeeded", "failed", "dropped"] as const).map((outcome) => ({
          suffix: "_total",
          labels: { ...labels, outcome },
          value: requests[outcome],
          unixSeconds,
        })),
      ),
    },
    {
      name: "bench_throughput_requests_per_second",
      type: "gauge",
      help: "Successful requests over the measured time, or over the time of the schedule if that is longer.",
      samples: ofOperations(({ throughputPerSec }, labels, unixSeconds) => [
        { labels, value: throughputPerSec, unixSeconds },
      ]),
    },
    {
      name: "bench_service_time_seconds",
      type: "summary",
      unit: "seconds",
      help: "From the send of a request to its answer.",
      samples: ofOperations(({ serviceTime }, labels, at) => summary(serviceTime, labels, at)),
    },
    {
      name: "bench_response_time_seconds",
      type: "summary",
      unit: "seconds",
      help: "From the time at which the schedule had a request due to its answer.",
      samples: ofOperations(({ responseTime }, labels, at) =>
        responseTime === null ? [] : summary(responseTime, labels, at),
      ),
    },
    {
      name: "bench_service_time_bound_seconds",
      type: "gauge",
      unit: "seconds",
      help: "Bounds of quantiles of the service time that too few samples or missing requests leave open.",
      samples: ofOperations(({ serviceTime }, labels, at) => bounds(serviceTime, labels, at)),
    },
    {
      name: "bench_response_time_bound_seconds",
      type: "gauge",
      unit: "seconds",
      help: "Bounds of quantiles of the response time that too few samples or missing requests leave open.",
      samples: ofOperations(({ responseTime }, labels, at) =>
        responseTime === null ? [] : bounds(responseTime, labels, at),
      ),
    },
    // Families of their own: in those above their sum would count each request twice.
    {
      name: "bench_endpoint_requests",
      type: "counter",
      help: "Requests of the measured phase that each endpoint got (--by=endpoint), by what became of them.",
      samples: ofEndpoints(({ requests }, labels, unixSeconds) =>
        (["succeeded", "failed"] as const).map((outcome) => ({
          suffix: "_total",
          labels: { ...labels, outcome },
          value: requests[outcome],
          unixSeconds,
        })),
      ),
    },
    {
      name: "bench_endpoint_service_time_seconds",
      type: "summary",
      unit: "seconds",
      help: "From the send of a request to its answer, of each endpoint (--by=endpoint).",
      samples: ofEndpoints(({ serviceTime }, labels, at) => summary(serviceTime, labels, at)),
    },
    {
      name: "bench_endpoint_response_time_seconds",
      type: "summary",
      unit: "seconds",
      help: "From the time at which the schedule had a request due to its answer, of each endpoint (--by=endpoint).",
      samples: ofEndpoints(({ responseTime }, labels, at) =>
        responseTime === null ? [] : summary(responseTime, labels, at),
      ),
    },
    ...FIGURE_NAMES.map((figure): Family => {
      const { metric, help } = MEMBER_FIGURES[figure];
      const unit = /_(seconds|bytes|ratio)$/.exec(metric)?.[1];
      return {
        name: `bench_etcd_${metric}`,
        type: "gauge",
        ...(unit !== undefined && { unit }),
        help: `${help}.`,
        samples: ofRuns(({ id, server }, unixSeconds) =>
          server.map((member) => {
            const labels = { run: id, endpoint: member.endpoint };
            const value = inBaseUnits(figure, figureOf(member, figure));
            return { labels, value, unixSeconds };
          }),
        ),
      };
    }),
  ];
}

function runLabels(result: RunResult): Labels {
  const { id, plan, target, verdict, status } = result;
  return {
    run: id,
    workload: plan.workload.kind,
    etcd: target.version ?? "",
    host: hostOf(result),
    verdict: verdict.kind,
    status,
    ...metricLabels(plan.labels),
  };
}

function summary(latency: Latency, labels: Labels, unixSeconds: number): Sample[] {
  const { count, meanMs } = latency;
  const sumMs = meanMs === null ? (count === 0 ? 0 : null) : meanMs * count;
  return [
    ...QUANTILES.map(([quantile, field]) => ({
      labels: { ...labels, quantile },
      value: scaled(latency[field]),
      unixSeconds,
    })),
    { suffix: "_count", labels, value: count, unixSeconds },
    { suffix: "_sum", labels, value: scaled(sumMs), unixSeconds },
  ];
}

/** Never as the quantile itself, which would look like a measured one. */
function bounds(latency: Latency, labels: Labels, unixSeconds: number): Sample[] {
  return [...QUANTILES, ["1", "maxMs"] as const].flatMap(([quantile, field]) =>
    (["atLeast", "atMost"] as const).map((bound) => ({
      labels: { ...labels, quantile, bound: bound === "atLeast" ? "least" : "most" },
      value: latency[field] === null ? scaled(latency[bound]?.[field] ?? null) : null,
      unixSeconds,
    })),
  );
}

function scaled(ms: number | null): number | null {
  return ms === null ? null : base(ms * SECONDS_PER_MS);
}

function inBaseUnits(figure: FigureName, value: number | null): number | null {
  if (value === null) return null;
  if (figure.endsWith("Ms")) return scaled(value);
  return figure.endsWith("Percent") ? base(value / 100) : value;
}

/** Without the last digits, which are of the multiplication. */
function base(value: number): number {
  return Number(value.toPrecision(12));
}

function familiesOfComparison({ startedAt, cells, labels }: Comparison): Family[] {
  const unixSeconds = Date.parse(startedAt) / 1000;
  const commit: Labels = labels.commit === undefined ? {} : { commit: labels.commit };
  const figures = cells.flatMap(({ name, metrics }) =>
    metrics.map((metric) => ({
      metric,
      labels: {
        load: name,
        operation: metric.operation,
        metric: metric.metric,
        ...(metric.clock === null ? {} : { clock: metric.clock }),
        ...commit,
      },
    })),
  );
  return [
    {
      name: "bench_comparison_ratio",
      type: "gauge",
      unit: "ratio",
      help: "Head over base.",
      samples: figures.map(({ metric, labels: of }) => ({
        labels: of,
        value: metric.ratio,
        unixSeconds,
      })),
    },
    {
      name: "bench_comparison_bound_ratio",
      type: "gauge",
      unit: "ratio",
      help: "Ends of the 95% interval of the ratio.",
      samples: figures.flatMap(({ metric: { interval95 }, labels: of }) =>
        (["low", "high"] as const).map((bound) => ({
          labels: { ...of, bound },
          value: interval95?.[bound] ?? null,
          unixSeconds,
        })),
      ),
    },
  ];
}

/** A family for each unit, in its base unit, with the name of the figure as a label. */
function familiesOfFailover(report: FailoverReport): Family[] {
  const unixSeconds = Date.parse(report.startedAt) / 1000;
  const named = { failover: report.id, events: report.events.join(" and "), etcd: report.etcd };
  const trials = failoverFigures(report);
  const sums = dataFiguresOf(report);
  const ofTrials = (unit: Unit, scale: number, isBound: boolean) =>
    trials
      .filter((each) => each.unit === unit)
      .flatMap(({ operation, role, name: figure, figure: of }) =>
        of.values.map((value, at): Sample => {
          const place: Labels = operation === null ? {} : { operation, clients: role! };
          const bound: Labels = isBound ? { bound: "least" } : {};
          const labels = { ...named, figure, trial: String(at + 1), ...place, ...bound };
          const isMeant = value !== null && boundsOf(of).includes(value) === isBound;
          return { labels, value: isMeant ? base(value * scale) : null, unixSeconds };
        }),
      );
  const family = (name: string, unit: Unit, scale: number, baseUnit?: string): Family => ({
    name: `bench_failover_${name}`,
    type: "gauge",
    ...(baseUnit !== undefined && { unit: baseUnit }),
    help: "A figure of a failover report: of each trial, or over all where there is no trial.",
    samples: [
      ...ofTrials(unit, scale, false),
      ...sums
        .filter((each) => each.unit === unit)
        .map(({ name: figure, value }): Sample => {
          return { labels: { ...named, figure }, value: base(value * scale), unixSeconds };
        }),
    ],
  });
  // Never as the figure itself, which would look like a measured one.
  const bounds = (name: string, unit: Unit, scale: number, baseUnit?: string): Family => ({
    name: `bench_failover_bound_${name}`,
    type: "gauge",
    ...(baseUnit !== undefined && { unit: baseUnit }),
    help: "What a figure of a trial is at least that was not over when its run ended.",
    samples: ofTrials(unit, scale, true),
  });
  return [
    family("seconds", "ms", SECONDS_PER_MS, "seconds"),
    family("ratio", "percent", 0.01, "ratio"),
    family("count", "count", 1),
    bounds("seconds", "ms", SECONDS_PER_MS, "seconds"),
    bounds("count", "count", 1),
  ];
}
