/**
 * Names figures for tools that keep series by name: the operation and its load, the same for a result
 * and for a comparison of such results.
 */
import { loadsOf } from "../compare/cells.ts";
import { METRICS, type Metric } from "../compare/metrics.ts";
import type { CellComparison, MetricComparison } from "../compare/schema.ts";
import { judgedClock } from "../result/judged-latency.ts";
import { offeredOperations } from "../result/offered.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { median } from "../stats/median.ts";

/** Runs of one name repeat each other. */
export interface NamedLoad {
  path: string;
  runs: { result: RunResult; operation: OperationResult }[];
}

export interface LoadFigure {
  metric: Metric;
  /** Over the runs that have it. */
  median: number;
  low: number;
  high: number;
  runs: number;
}

/**
 * `put/val=256/conns=100/clients=1000`, and where the latencies are response times
 * `range-serializable/conns=1/clients=1/rate=500/clock=response`.
 */
export function loadPath(
  cell: string,
  operation: string,
  clock: MetricComparison["clock"],
): string {
  const [, ...load] = cell
    .replace(/value (\S+) B/, "val=$1")
    .replace(/(\S+)\/s(?=\s|$)/, "rate=$1")
    .split(/\s+/);
  const named = clock === null || clock === "service" ? [] : [`clock=${clock}`];
  return [operation, ...load, ...named].map((part) => part.replace(/[^\w.=()-]+/g, "_")).join("/");
}

/** The path of one operation of a comparison. */
export function comparedPath({ name, metrics }: CellComparison, operation: string): string {
  const latency = metrics.find((each) => each.operation === operation && each.clock !== null);
  return loadPath(name, operation, latency?.clock ?? null);
}

/** In the order of their first runs. */
export function namedLoads(results: readonly RunResult[]): NamedLoad[] {
  return loadsOf(shownInFull(results)).flatMap(({ name, runs }) => {
    const byPath = new Map<string, NamedLoad>();
    for (const result of runs) {
      for (const operation of offeredOperations(result.operations)) {
        const path = loadPath(name, operation.name, judgedClock(operation));
        const load = byPath.get(path) ?? { path, runs: [] };
        load.runs.push({ result, operation });
        byPath.set(path, load);
      }
    }
    return [...byPath.values()];
  });
}

/** Those that no run lacks for missing requests: a figure of the other runs would be of the better ones. */
export function knownMetrics({ runs }: NamedLoad): Metric[] {
  return METRICS.filter(({ read, unknown }) =>
    runs.every(({ operation, result }) => {
      return read(operation, result) !== null || (unknown?.(operation, result) ?? null) === null;
    }),
  );
}

/** Of every metric that a run has. */
export function figuresOf(load: NamedLoad): LoadFigure[] {
  const { runs } = load;
  return knownMetrics(load).flatMap((metric) => {
    const values = runs
      .map(({ operation, result }) => metric.read(operation, result))
      .filter((value) => value !== null);
    if (values.length === 0) return [];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [{ metric, median: median(values), low, high, runs: values.length }];
  });
}
