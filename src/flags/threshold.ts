/**
 * Thresholds as a user writes them (`p99<20ms`, `qps>10000`, `range:errors<0.1%`): the text
 * read into the plan's series, metric, comparison and bound.
 */
import { flagError } from "../errors.ts";
import { readCount, readDurationMs, readFraction } from "../units.ts";

export interface Threshold {
  /** As the user wrote it: `p99<20ms`, or `range:p99<20ms`. */
  expression: string;
  /** The one that must hold it, with or without the workload's kind before it; null: every one. */
  series: string | null;
  metric: Metric;
  comparison: "<" | "<=" | ">" | ">=";
  /** Milliseconds for latencies, requests per second for qps, a fraction for errors. */
  bound: number;
}

type Metric = "p50" | "p90" | "p95" | "p99" | "p999" | "mean" | "stddev" | "max" | "qps" | "errors";

const METRIC_BY_NAME: ReadonlyMap<string, Metric> = new Map([
  ["p50", "p50"],
  ["p90", "p90"],
  ["p95", "p95"],
  ["p99", "p99"],
  ["p99.9", "p999"],
  ["p999", "p999"],
  ["mean", "mean"],
  ["stddev", "stddev"],
  ["max", "max"],
  ["qps", "qps"],
  ["errors", "errors"],
]);

const NAMES = "p50, p90, p95, p99, p99.9, mean, stddev, max, qps or errors";

/** A series may hold a member's name, which is anything: it goes up to the last colon. */
const THRESHOLD = /^\s*(?:(\S(?:.*\S)?)\s*:)?\s*([a-z0-9.]+)\s*(<=|>=|<|>)\s*(\S+)\s*$/;

/** Throws a usage error that names `flag`, quotes the text and says what would be right. */
export function parseThreshold(flag: string, text: string): Threshold {
  const match = THRESHOLD.exec(text);
  const metric = match === null ? undefined : METRIC_BY_NAME.get(match[2]!);
  if (match === null || metric === undefined) {
    throw malformed(flag, text, `a threshold: ${NAMES}, then <, <=, > or >=, then a bound`);
  }
  const comparison = match[3] as Threshold["comparison"];
  const bound = readBound(flag, text, metric, match[4]!);
  // A figure is never negative, so a strict bound of zero from above can never be met.
  if (comparison === "<" && bound === 0) {
    throw malformed(flag, text, "one that can be met (nothing lies below 0; `errors<=0` can hold)");
  }
  return { expression: text.trim(), series: match[1] ?? null, metric, comparison, bound };
}

const PERCENTILE_BY_METRIC: ReadonlyMap<Metric, number> = new Map([
  ["p50", 50],
  ["p90", 90],
  ["p95", 95],
  ["p99", 99],
  ["p999", 99.9],
]);

/** In [0, 100); null for what is no percentile, and needs no number of samples. */
export function percentileOf(metric: Metric): number | null {
  return PERCENTILE_BY_METRIC.get(metric) ?? null;
}

/** As a user writes it: `p99.9`. */
export function metricName(metric: Metric): string {
  return metric === "p999" ? "p99.9" : metric;
}

function readBound(flag: string, text: string, metric: Metric, boundText: string): number {
  if (metric === "qps") {
    const bound = readCount(boundText);
    if (bound === null) throw malformed(flag, text, "a bound on qps in requests per second");
    return bound;
  }
  if (metric === "errors") {
    const bound = readFraction(boundText);
    if (bound === null) throw malformed(flag, text, "a bound on errors from 0% to 100%");
    return bound;
  }
  const bound = readDurationMs(boundText);
  if (bound === null || bound === 0) {
    throw malformed(flag, text, "a bound on latency above zero with its unit (us, ms, s)");
  }
  return bound;
}

function malformed(flag: string, text: string, expected: string): Error {
  return flagError(
    flag.slice(2),
    `${flag}: ${JSON.stringify(text)} is not ${expected}, ` +
      `e.g. ${flag}='p99<20ms', ${flag}='qps>10000' or, of one series, ${flag}='range:errors<0.1%'`,
  );
}
