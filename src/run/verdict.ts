/** Owns the judgement of a run: was it etcd that was measured, and were the user's bounds kept? */
import type { RunPlan, Threshold } from "../plan/schema.ts";
import { percentileOf } from "../plan/threshold.ts";
import { eventFaults } from "../result/event-faults.ts";
import { hashFaults } from "../result/hash-kv.ts";
import { isHeldAgainst } from "../result/named-series.ts";
import { offeredOperations } from "../result/offered.ts";
import type {
  ClientResult,
  HashKv,
  Latency,
  OperationResult,
  RunResult,
  Verdict,
} from "../result/schema.ts";
import { carriesPercentile } from "../stats/latency.ts";
import { clientDoubts } from "./client-doubts.ts";

/** A worker whose event loop works more than this share of the time measures itself. */
const BUSY_LIMIT_PERCENT = 90;
/** Less than this share of the offered rate is a rate that was not met. */
const RATE_LIMIT = 0.99;

export interface RateKept {
  /** The schedule's span over the span in which it was sent; null in a closed loop. */
  sentShare: number | null;
}

export function judge(
  plan: RunPlan,
  operations: readonly OperationResult[],
  client: ClientResult,
  rate: RateKept,
  hashKv: HashKv | null = null,
): Verdict {
  const errors = [...errorReasons(plan, operations), ...hashFaults(hashKv)];
  const limited = [...limitReasons(client), ...clientDoubts(operations, client).limits];
  const unmet = rateReasons(plan, operations, rate);
  const reasons = [...errors, ...limited, ...unmet];
  if (errors.length > 0) return { kind: "errors", reasons };
  if (limited.length > 0) return { kind: "client-limited", reasons };
  if (unmet.length > 0) return { kind: "rate-unmet", reasons };
  return { kind: "valid", reasons };
}

function errorReasons(plan: RunPlan, operations: readonly OperationResult[]): string[] {
  const reasons: string[] = [];
  for (const { name, requests } of offeredOperations(operations)) {
    const share = shareOf(requests.failed, requests);
    if (requests.started === 0) reasons.push(`no ${name} request was sent before the run ended`);
    else if (requests.succeeded === 0) reasons.push(`no ${name} request succeeded`);
    else if (share > plan.judge.maxErrorRate) {
      reasons.push(
        `${requests.failed} of ${requests.offered} ${name} requests failed (${percent(share)}), ` +
          `above --max-error-rate=${plan.judge.maxErrorRate}`,
      );
    }
  }
  return [...reasons, ...operations.flatMap(eventFaults)];
}

function limitReasons(client: ClientResult): string[] {
  const { busyPercentMax, workers } = client;
  if (busyPercentMax === null || busyPercentMax <= BUSY_LIMIT_PERCENT) return [];
  return [
    `a worker's event loop was busy ${busyPercentMax.toFixed(0)}% of the time: this client, not etcd, ` +
      `was the limit; raise --workers (now ${workers}), or take a faster machine for the client`,
  ];
}

function rateReasons(
  plan: RunPlan,
  operations: readonly OperationResult[],
  { sentShare }: RateKept,
): string[] {
  const { ratePerSec } = plan.pacing;
  if (ratePerSec === null) return [];
  const reasons: string[] = [];
  for (const { name, requests } of operations) {
    if (requests.started < requests.offered * RATE_LIMIT) {
      reasons.push(
        `${requests.dropped} of ${requests.offered} ${name} requests that were due could not be sent ` +
          "before the run ended: all clients were waiting for answers; raise --clients or lower --rate",
      );
    }
  }
  if (reasons.length === 0 && sentShare !== null && sentShare < RATE_LIMIT) {
    reasons.push(
      `the schedule of ${ratePerSec}/s was sent at ${percent(sentShare)} of its pace: ` +
        "raise --clients or lower --rate",
    );
  }
  return reasons;
}

/**
 * Each threshold must hold for the series that it names, else for every operation; `actual` is the
 * worst of them. Where it names none, of `searchLimits` those operations are left out that have too
 * few samples: a step is short, and what is rare in the load would end every search.
 */
export function checkThresholds(
  thresholds: readonly Threshold[],
  operations: readonly OperationResult[],
  searchLimits: readonly Threshold[] = [],
  kind: RunPlan["workload"]["kind"] = "put",
): RunResult["thresholds"] {
  const limits = new Set(searchLimits.map(({ expression }) => expression));
  return thresholds.map((threshold) => {
    const { expression, series, metric, comparison } = threshold;
    const offered =
      series === null
        ? offeredOperations(operations)
        : operations.filter(({ name }) => isHeldAgainst(threshold, name, kind));
    const rare = offered.filter((operation) => hasTooFewSamples(metric, operation));
    const tooFewSamples = rare.map((operation) => ({
      operation: operation.name,
      samples: latencyOf(operation).count,
    }));
    const judged =
      limits.has(expression) && series === null
        ? offered.filter((operation) => !rare.includes(operation))
        : offered;
    const actuals = judged.map((operation) => measured(metric, operation));
    const known = actuals.filter((actual) => actual !== null);
    // A figure that the samples do not carry proves nothing, and so does not pass.
    if (known.length < actuals.length || known.length === 0) {
      return { expression, actual: null, passed: false, tooFewSamples };
    }
    const worst = comparison.startsWith("<") ? Math.max(...known) : Math.min(...known);
    return { expression, actual: worst, passed: holds(threshold, worst), tooFewSamples };
  });
}

function hasTooFewSamples(metric: Threshold["metric"], operation: OperationResult): boolean {
  const percentile = percentileOf(metric);
  return percentile !== null && !carriesPercentile(latencyOf(operation).count, percentile);
}

function holds({ comparison, bound }: Threshold, actual: number): boolean {
  switch (comparison) {
    case "<":
      return actual < bound;
    case "<=":
      return actual <= bound;
    case ">":
      return actual > bound;
    case ">=":
      return actual >= bound;
  }
}

/** Response times where there is a schedule: what a user of etcd would have waited. */
function latencyOf({ responseTime, serviceTime }: OperationResult): Latency {
  return responseTime ?? serviceTime;
}

function measured(metric: Threshold["metric"], operation: OperationResult): number | null {
  const latency = latencyOf(operation);
  switch (metric) {
    case "qps":
      return operation.throughputPerSec;
    case "errors":
      // What was due and never sent was not answered either.
      return shareOf(operation.requests.failed + operation.requests.dropped, operation.requests);
    case "mean":
      return latency.meanMs;
    case "stddev":
      return latency.stddevMs;
    case "max":
      return latency.maxMs;
    case "p50":
      return latency.p50Ms;
    case "p90":
      return latency.p90Ms;
    case "p95":
      return latency.p95Ms;
    case "p99":
      return latency.p99Ms;
    case "p999":
      return latency.p999Ms;
  }
}

function shareOf(count: number, { offered }: OperationResult["requests"]): number {
  return offered === 0 ? 0 : count / offered;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 1)}%`;
}
