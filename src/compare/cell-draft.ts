/** The figures of one cell of a comparison, before its verdicts: which metrics, of what, and which are gates. */
import { type Clock, judgedClock } from "../result/judged-latency.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { median } from "../stats/median.ts";
import { isPrimary } from "../workloads/series-roles.ts";
import { AVAILABILITY_METRICS, countedMetrics, RECOVERY_METRICS } from "./availability-metrics.ts";
import type { Cell } from "./cells.ts";
import { DEFAULT_GATES, type Gate, isGated } from "./gates.ts";
import type { ValuePair } from "./judge-metric.ts";
import { ETCD, ETCD_METRICS, METRICS, type Metric } from "./metrics.ts";
import type { CellComparison, MetricComparison, MetricName } from "./schema.ts";
import { invalidReasons } from "./validity.ts";

export interface DraftOptions {
  gates?: readonly Gate[];
  /** Fractions, in place of the metrics' own. */
  leastEffects?: Partial<Record<MetricName, number>>;
}

export interface DraftCell {
  cell: CellComparison;
  isPaired: boolean;
}

export function draftCell(cell: Cell, options: DraftOptions): DraftCell {
  const isPaired = cell.pairs.length > 1;
  const design = isPaired
    ? "pairs"
    : cell.base.length === 1 && cell.head.length === 1
      ? "single"
      : "apart";
  const names = operationNames(cell);
  const { kind } = cell.base[0]!.plan.workload;
  const metrics = names.flatMap((name) => {
    const isWhole = isPrimary(name, kind, names);
    return [...METRICS, ...AVAILABILITY_METRICS].map((metric) => {
      return draftMetric(cell, { name, isWhole }, metric, options);
    });
  });
  const ofEtcd = [...ETCD_METRICS, ...RECOVERY_METRICS].map((metric) => {
    return draftMetric(cell, null, metric, options);
  });
  return {
    isPaired,
    cell: {
      name: cell.name,
      kind,
      design,
      pairs: isPaired ? cell.pairs.length : 0,
      invalid: invalidReasons(cell),
      metrics: [
        ...[...metrics, ...ofEtcd].filter((metric) => metric !== null),
        ...countedMetrics(cell.base, cell.head),
      ],
    },
  };
}

/** Those that every run has, and that anything was offered to. */
function operationNames({ base, head }: Cell): string[] {
  const runs = [...base, ...head];
  return base[0]!.operations
    .map(({ name }) => name)
    .filter((name) => runs.every((run) => (operationOf(run, name)?.requests.offered ?? 0) > 0));
}

interface NamedOperation {
  name: string;
  isWhole: boolean;
}

/** Null where no run has such a figure. Verdicts come later, from all p-values together. */
function draftMetric(
  cell: Cell,
  operation: NamedOperation | null,
  metric: Metric,
  { gates = DEFAULT_GATES, leastEffects }: DraftOptions,
): MetricComparison | null {
  const read = (run: RunResult) => {
    const found = operation === null ? run.operations[0]! : operationOf(run, operation.name)!;
    const value = metric.read(found, run);
    return value === null || value <= 0 ? null : value;
  };
  const known = (runs: readonly RunResult[]) => runs.map(read).filter((value) => value !== null);
  const [ofBase, ofHead] = [known(cell.base), known(cell.head)];
  if (ofBase.length === 0 || ofHead.length === 0) return null;
  const pairs = cell.pairs.flatMap((pair): ValuePair[] => {
    const [base, head] = [read(pair.base), read(pair.head)];
    return base === null || head === null ? [] : [{ base, head }];
  });
  const of = {
    operation: operation?.name ?? ETCD,
    metric: metric.name,
    standsForLoad: operation?.isWhole ?? false,
  };
  const isDeclared = isGated(gates, of, cell.base[0]!.plan.workload.kind);
  const obstacle = gateObstacle(cell, operation?.name ?? null, metric, pairs.length);
  const [base, head] = [median(ofBase), median(ofHead)];
  return {
    ...of,
    unit: metric.unit,
    better: metric.better,
    clock: operation === null || !metric.isLatency ? null : sharedClock(cell, operation.name),
    isGate: isDeclared && obstacle === null,
    base,
    head,
    ratio: head / base,
    interval90: null,
    interval95: null,
    pValue: null,
    adjustedPValue: null,
    leastEffect: leastEffects?.[metric.name] ?? metric.leastEffect,
    detectableEffect: null,
    noise: null,
    verdict: null,
    reason: isDeclared ? obstacle : null,
    pairs: cell.pairs.length > 1 ? pairs : [],
  };
}

/** Null where the runs do not all have the same. */
function sharedClock({ base, head }: Cell, operation: string): Clock | null {
  const [clock, ...others] = new Set(
    [...base, ...head].map((run) => judgedClock(operationOf(run, operation)!)),
  );
  return others.length === 0 ? clock! : null;
}

/** Why a metric cannot be gated; null where it can. */
function gateObstacle(
  { name, base, head, pairs }: Cell,
  operation: string | null,
  metric: Metric,
  complete: number,
): string | null {
  if (operation === null) return null;
  const runs = [...base, ...head];
  const fewest = Math.min(...runs.map((run) => operationOf(run, operation)!.requests.succeeded));
  if (fewest < metric.leastRequests) {
    return `a run has ${fewest} requests, and ${metric.leastRequests} are needed to judge it`;
  }
  if (complete < pairs.length) return "not every run has this figure";
  if (metric.isLatency && !isSameLoad(base[0]!, head[0]!)) {
    return "the sides offer different loads, at which latencies do not compare";
  }
  if (metric.isLatency && sharedClock({ name, base, head, pairs }, operation) === null) {
    return "the runs have different clocks, whose latencies do not compare";
  }
  return null;
}

function isSameLoad({ plan: a }: RunResult, { plan: b }: RunResult): boolean {
  return a.load.clients === b.load.clients && a.pacing.ratePerSec === b.pacing.ratePerSec;
}

function operationOf(run: RunResult, name: string): OperationResult | undefined {
  return run.operations.find((each) => each.name === name);
}
