/**
 * Renders `--output bencher`: Bencher's metric format, benchmarks by name and measures by slug. Its own
 * measures are `latency` (nanoseconds, here the mean) and `throughput` (operations a second).
 */
import type { MetricComparison } from "../compare/schema.ts";
import {
  boundsOf,
  dataFiguresOf,
  failoverFigures,
  isAtLeast,
  seriesPath,
} from "./failover/figures.ts";
import type { ReportFormat } from "./format.ts";
import { comparedPath, figuresOf, namedLoads } from "./load-path.ts";

interface BencherMetric {
  value: number;
  lower_value?: number;
  upper_value?: number;
}

type Benchmarks = Record<string, Record<string, BencherMetric>>;

const NS_PER_MS = 1e6;

/** Those that are not named here go by the names that they have. */
const MEASURES: Partial<Record<MetricComparison["metric"], string>> = {
  throughput: "throughput",
  mean: "latency",
  p50: "latency-p50",
  p90: "latency-p90",
  p99: "latency-p99",
  p999: "latency-p99-9",
};

export const bencherFormat: ReportFormat = {
  name: "bencher",
  /** Of repeated runs the median, between the least and the most. */
  render(results) {
    const benchmarks: Benchmarks = {};
    for (const load of namedLoads(results)) {
      for (const { metric, median, low, high, runs } of figuresOf(load)) {
        const bounds = runs === 1 ? null : { low, high };
        add(benchmarks, load.path, metric, median, bounds);
      }
    }
    return text(benchmarks);
  },
  /** The head, between what the interval of the ratio makes of the base. */
  renderComparison({ cells }) {
    const benchmarks: Benchmarks = {};
    for (const cell of cells) {
      for (const metric of cell.metrics) {
        const { base, head, interval95 } = metric;
        if (head === null) continue;
        const bounds =
          interval95 === null || base === null
            ? null
            : { low: base * interval95.low, high: base * interval95.high };
        const path = comparedPath(cell, metric.operation);
        add(benchmarks, path, { name: metric.metric, unit: metric.unit }, head, bounds);
      }
    }
    return text(benchmarks);
  },
  /**
   * Medians over the trials that are known, between the least and the most, and sums of what happened to
   * the data.
   */
  renderFailover(report) {
    const benchmarks: Benchmarks = {};
    const put = (path: string, measure: string, metric: BencherMetric) => {
      benchmarks[path] = { ...benchmarks[path], [measure]: metric };
    };
    for (const each of failoverFigures(report)) {
      const scale = each.unit === "ms" ? NS_PER_MS : 1;
      const { min, median, max } = each.figure;
      if (isAtLeast(each.figure, median!)) continue;
      put(seriesPath(each), each.name, {
        ...{ value: median! * scale, lower_value: min! * scale },
        ...(boundsOf(each.figure).length === 0 && { upper_value: max! * scale }),
      });
    }
    for (const { name, unit, value } of dataFiguresOf(report)) {
      put("failover", name, { value: unit === "ms" ? value * NS_PER_MS : value });
    }
    return text(benchmarks);
  },
};

function add(
  benchmarks: Benchmarks,
  path: string,
  { name, unit }: { name: MetricComparison["metric"]; unit: MetricComparison["unit"] },
  value: number,
  bounds: { low: number; high: number } | null,
): void {
  const scale = unit === "ms" ? NS_PER_MS : 1;
  const metric: BencherMetric = { value: value * scale };
  if (bounds !== null) {
    metric.lower_value = bounds.low * scale;
    metric.upper_value = bounds.high * scale;
  }
  benchmarks[path] = { ...benchmarks[path], [MEASURES[name] ?? name]: metric };
}

function text(benchmarks: Benchmarks): string {
  return `${JSON.stringify(benchmarks, null, 2)}\n`;
}
