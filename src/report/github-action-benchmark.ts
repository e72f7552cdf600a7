/**
 * Renders the files of which github-action-benchmark keeps a history. It takes one direction a file:
 * `--output github-smaller` are latencies for its tool customSmallerIsBetter, `github-bigger` rates for
 * customBiggerIsBetter.
 */
import type { Comparison, MetricComparison } from "../compare/schema.ts";
import type { FailoverReport } from "../failover/report-schema.ts";
import type { RunResult } from "../result/schema.ts";
import { changeText } from "./comparison/words.ts";
import {
  boundsOf,
  dataFiguresOf,
  failoverFigures,
  isAtLeast,
  seriesPath,
} from "./failover/figures.ts";
import type { ReportFormat } from "./format.ts";
import { comparedPath, figuresOf, namedLoads } from "./load-path.ts";

type Better = MetricComparison["better"];

interface Entry {
  /** The history goes by it. */
  name: string;
  unit: string;
  value: number;
  /** How far the runs were from the value; absent of a single one. */
  range?: string;
  extra: string;
}

const UNIT_WORDS: Record<MetricComparison["unit"], string> = {
  "per-second": "requests/s",
  ms: "ms",
  "microseconds-per-request": "µs/request",
  bytes: "bytes",
  count: "count",
};

export const githubSmallerFormat: ReportFormat = formatOf("github-smaller", "lower");
export const githubBiggerFormat: ReportFormat = formatOf("github-bigger", "higher");

function formatOf(name: string, better: Better): ReportFormat {
  return {
    name,
    render: (results) => text(entriesOfResults(results, better)),
    renderComparison: (comparison) => text(entriesOfComparison(comparison, better)),
    renderFailover: (report) => text(entriesOfFailover(report, better)),
  };
}

function entriesOfResults(results: readonly RunResult[], better: Better): Entry[] {
  return namedLoads(results).flatMap((load) => {
    const versions = new Set(load.runs.map(({ result }) => result.target.version ?? "unknown"));
    return figuresOf(load)
      .filter(({ metric }) => metric.better === better)
      .map(({ metric, median, low, high, runs }) => ({
        name: `${load.path} ${metric.name}`,
        unit: UNIT_WORDS[metric.unit],
        value: median,
        ...(runs === 1 ? {} : { range: String(Math.max(high - median, median - low)) }),
        extra: `n=${runs}\netcd ${[...versions].join(" and ")}`,
      }));
  });
}

/** Of the head, which is what a history is kept of. */
function entriesOfComparison({ cells }: Comparison, better: Better): Entry[] {
  return cells.flatMap((cell) =>
    cell.metrics.flatMap((metric) => {
      const { pairs } = cell;
      if (metric.better !== better || metric.head === null) return [];
      const change = changeText(metric);
      const ratio = metric.ratio === null ? change : `ratio ${change}`;
      return [
        {
          name: `${comparedPath(cell, metric.operation)} ${metric.metric}`,
          unit: UNIT_WORDS[metric.unit],
          value: metric.head,
          extra: pairs === 0 ? ratio : `n=${pairs}\n${ratio}`,
        },
      ];
    }),
  );
}

/** Medians over the trials that are known, and sums of what happened to the data. */
function entriesOfFailover(report: FailoverReport, better: Better): Entry[] {
  const ofTrials = failoverFigures(report)
    .filter(({ better: of, figure }) => of === better && !isAtLeast(figure, figure.median!))
    .map((each): Entry => {
      const { min, median, max, values } = each.figure;
      const known = values.filter((value) => value !== null).length;
      const hasRange = known > 1 && boundsOf(each.figure).length === 0;
      return {
        name: `${seriesPath(each)} ${each.name}`,
        unit: each.unit,
        value: median!,
        ...(hasRange && { range: String(Math.max(max! - median!, median! - min!)) }),
        extra: `n=${known}\netcd ${report.etcd}`,
      };
    });
  if (better === "higher") return ofTrials;
  const extra = `n=${report.measured}\netcd ${report.etcd}`;
  return [
    ...ofTrials,
    ...dataFiguresOf(report).map(({ name, unit, value }) => {
      return { name: `failover ${name}`, unit, value, extra };
    }),
  ];
}

function text(entries: readonly Entry[]): string {
  return `${JSON.stringify(entries, null, 2)}\n`;
}
