/**
 * Renders `--output benchstat`: Go's benchmark format, a line a run, so that benchstat tests and
 * tabulates runs as it does those of Go. Latencies are nanoseconds, since it scales those by their
 * name.
 */

import { withCommonNames } from "../compare/common-names.ts";
import { METRICS } from "../compare/metrics.ts";
import type { CellComparison, Comparison, MetricComparison } from "../compare/schema.ts";
import type { Unit } from "../failover/metrics.ts";
import { hostOf } from "../result/machine-of.ts";
import type { RunResult } from "../result/schema.ts";
import { printable } from "../text/visible.ts";
import { boundsOf, failoverFigures, seriesPath } from "./failover/figures.ts";
import type { ReportFormat } from "./format.ts";
import { comparedPath, knownMetrics, namedLoads } from "./load-path.ts";

type Name = MetricComparison["metric"];

const UNITS: Partial<Record<Name, string>> = {
  throughput: "req/s",
  mean: "ns/op",
  p50: "p50-ns/op",
  p90: "p90-ns/op",
  p99: "p99-ns/op",
  p999: "p99.9-ns/op",
};
const NS_PER_MS = 1e6;

export const benchstatFormat: ReportFormat = {
  name: "benchstat",
  render(results) {
    const config = new Configuration();
    const lines = namedLoads(results).flatMap((load) => {
      const metrics = knownMetrics(load);
      return load.runs.flatMap(({ result, operation }) => [
        ...config.changedTo(configurationOf(result)),
        ...runLine(
          load.path,
          operation.requests.succeeded,
          metrics.map(({ name, read }) => ({ metric: name, value: read(operation, result) })),
        ),
      ]);
    });
    return text(lines);
  },
  renderComparison(given) {
    const comparison = withCommonNames(given);
    const config = new Configuration();
    const { base, head, hosts } = comparison;
    const lines = (["base", "head"] as const).flatMap((side) => [
      ...config.changedTo({
        etcd: (side === "base" ? base : head).etcdVersions.join(" and "),
        host: hosts.join(" and "),
        side,
      }),
      ...sideLines(comparison, side),
    ]);
    return text(lines);
  },
  /**
   * A line for each figure of each trial: benchstat takes them for repeats, with their spread. What is only
   * bounded in one trial has none, since the others are the better ones.
   */
  renderFailover(report) {
    const figures = failoverFigures(report).filter(({ figure }) => boundsOf(figure).length === 0);
    const units = new Map(figures.map(({ name, unit, better }) => [unitOf(name, unit), better]));
    const lines = figures.flatMap((each) =>
      each.figure.values.flatMap((value) => {
        if (value === null) return [];
        const { name, unit } = each;
        const scaled = unit === "ms" ? value * NS_PER_MS : value;
        const path = benchmarkName(seriesPath(each));
        return [`${path} 1 ${rounded(scaled)} ${unitOf(name, unit)}`];
      }),
    );
    const config = new Configuration();
    const named = { etcd: report.etcd, events: report.events.join(" and ") };
    return `${[
      ...[...units].map(([unit, better]) => `Unit ${unit} better=${better}`),
      ...config.changedTo(named),
      ...lines,
    ].join("\n")}\n`;
  },
};

/** To three decimals, and a figure that those would cut short to three significant digits. */
function rounded(value: number): number {
  return Number(Math.abs(value) < 0.1 ? value.toPrecision(3) : value.toFixed(3));
}

function unitOf(name: string, unit: Unit): string {
  return unit === "ms" ? `${name}-ns/op` : name;
}

/** Which direction is better comes first, by unit; a unit without it is taken for smaller is better. */
function text(lines: readonly string[]): string {
  const units = METRICS.map(({ name, better }) => `Unit ${UNITS[name]} better=${better}`);
  return `${[...units, ...lines].join("\n")}\n`;
}

function configurationOf(result: RunResult): Record<string, string> {
  const labels = Object.entries(result.plan.labels).map(([name, value]) => [
    // A key begins in lower case and has no space.
    name
      .toLowerCase()
      .replace(/[^a-z0-9_.-]/g, "-")
      .replace(/^[^a-z]*/, ""),
    value,
  ]);
  return {
    ...Object.fromEntries(labels.filter(([name]) => name !== "")),
    etcd: result.target.version ?? "",
    host: hostOf(result),
  };
}

/** Lines `key: value` hold for all lines after them, so that only changes are written. */
class Configuration {
  #written: Record<string, string> = {};

  changedTo(wanted: Record<string, string>): string[] {
    const names = new Set([...Object.keys(this.#written), ...Object.keys(wanted)]);
    const changed = [...names].filter(
      (name) => (this.#written[name] ?? "") !== (wanted[name] ?? ""),
    );
    this.#written = wanted;
    return changed.map((name) => `${name}: ${printable(wanted[name] ?? "")}`.trimEnd());
  }
}

function sideLines({ cells }: Comparison, side: "base" | "head"): string[] {
  return cells.flatMap((cell) =>
    operationsOf(cell).flatMap(([operation, metrics]) => {
      const path = comparedPath(cell, operation);
      if (cell.design !== "pairs") {
        return runLine(
          path,
          1,
          metrics.map((metric) => ({ metric: metric.metric, value: metric[side] })),
        );
      }
      // A figure that one run lacks has fewer pairs, which then are of other runs.
      const whole = metrics.filter(({ pairs }) => pairs.length === cell.pairs);
      return Array.from({ length: cell.pairs }, (_, pair) =>
        runLine(
          path,
          1,
          whole.map(({ metric, pairs }) => ({ metric, value: pairs[pair]![side] })),
        ),
      ).flat();
    }),
  );
}

function operationsOf({ metrics }: CellComparison): [string, MetricComparison[]][] {
  const byOperation = new Map<string, MetricComparison[]>();
  for (const metric of metrics.filter(({ metric: name }) => name in UNITS)) {
    byOperation.set(metric.operation, [...(byOperation.get(metric.operation) ?? []), metric]);
  }
  return [...byOperation];
}

/** `BenchmarkPut/conns=64/val=256 100000 812345 p99-ns/op 15234 req/s`; none without a figure. */
function runLine(
  path: string,
  iterations: number,
  figures: readonly { metric: Name; value: number | null }[],
): string[] {
  const measured = figures.flatMap(({ metric, value }) => {
    if (value === null) return [];
    const scaled = metric === "throughput" ? value : value * NS_PER_MS;
    return [`${rounded(scaled)} ${UNITS[metric]}`];
  });
  return measured.length === 0 ? [] : [[benchmarkName(path), iterations, ...measured].join(" ")];
}

/** `range-serializable/conns=1` becomes `BenchmarkRangeSerializable/conns=1`. */
function benchmarkName(path: string): string {
  const [operation, ...load] = path.split("/");
  const words = operation!.split(/[^A-Za-z0-9]+/);
  const camel = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return [`Benchmark${camel}`, ...load].join("/");
}
