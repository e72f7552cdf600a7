/** The figures of one cell of a comparison, before its verdicts: which metrics, of what, and which are gates. */
import { judgedClock, judgedLatency } from "../result/judged-latency.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { median } from "../stats/median.ts";
import { formatNoun } from "../text/noun.ts";
import { withThousands } from "../thousands.ts";
import { isPrimary } from "../workloads/series-roles.ts";
import { AVAILABILITY_METRICS, countedMetrics, RECOVERY_METRICS } from "./availability-metrics.ts";
import type { Cell } from "./cells.ts";
import { DEFAULT_GATES, type Gate, isGated } from "./gates.ts";
import {
  type BoundedFigure,
  type BoundedPair,
  type ExtremePairs,
  extremePairs,
} from "./judge-bounds.ts";
import { METRIC_WORDS } from "./metric-words.ts";
import { ETCD, ETCD_METRICS, METRICS, type Metric } from "./metrics.ts";
import type { CellComparison, MetricComparison, MetricName } from "./schema.ts";
import { invalidReasons } from "./validity.ts";

export interface DraftOptions {
  gates?: readonly Gate[];
  /** Fractions, in place of the metrics' own. */
  leastEffects?: Partial<Record<MetricName, number>>;
  /** What the sides are called in reasons. */
  baseLabel?: string;
  headLabel?: string;
}

/** A metric, and the pairs by which it is judged where missing requests made it unknown for some runs. */
export interface DraftMetric {
  comparison: MetricComparison;
  extremes: ExtremePairs | null;
}

export interface DraftCell {
  cell: CellComparison;
  isPaired: boolean;
  /** Of the metrics of the cell that are judged by their bounds. */
  extremes: ReadonlyMap<MetricComparison, ExtremePairs>;
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
  const drafts = [...metrics, ...ofEtcd].filter((metric) => metric !== null);
  return {
    isPaired,
    extremes: new Map(
      drafts.flatMap(({ comparison, extremes }) =>
        extremes === null ? [] : [[comparison, extremes] as const],
      ),
    ),
    cell: {
      name: cell.name,
      kind,
      design,
      pairs: isPaired ? cell.pairs.length : 0,
      invalid: invalidReasons(cell),
      metrics: [
        ...drafts.map(({ comparison }) => comparison),
        ...countedMetrics(cell.base, cell.head, options),
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

/** Null where a side has no such figure, nor a bound of it. Verdicts come later, from all p-values together. */
function draftMetric(
  cell: Cell,
  operation: NamedOperation | null,
  metric: Metric,
  options: DraftOptions,
): DraftMetric | null {
  const { gates = DEFAULT_GATES, leastEffects } = options;
  const read = (run: RunResult): BoundedFigure | null => {
    const found = operation === null ? run.operations[0]! : operationOf(run, operation.name)!;
    const value = metric.read(found, run);
    if (value === null) return metric.unknown?.(found, run) ?? null;
    if (value < 0 || (value === 0 && !metric.isLatency)) return null;
    return { low: value, high: value, why: null };
  };
  const figuresOf = (runs: readonly RunResult[]) => runs.map(read).filter((each) => each !== null);
  const [ofBase, ofHead] = [figuresOf(cell.base), figuresOf(cell.head)];
  if (ofBase.length === 0 || ofHead.length === 0) return null;
  const bounded = cell.pairs.flatMap((pair): BoundedPair[] => {
    const [base, head] = [read(pair.base), read(pair.head)];
    return base === null || head === null ? [] : [{ base, head }];
  });
  const of = {
    operation: operation?.name ?? ETCD,
    metric: metric.name,
    standsForLoad: operation?.isWhole ?? false,
  };
  const isDeclared = isGated(gates, of, cell.base[0]!.plan.workload.kind);
  const hasRatios = ![...ofBase, ...ofHead].some(isZero);
  const obstacle = !hasRatios
    ? "it is 0 in a run, to which nothing has a ratio"
    : gateObstacle(cell, operation?.name ?? null, metric, bounded.length);
  const [base, head] = [medianOf(ofBase), medianOf(ofHead)];
  const notKnown = notKnownOf(`${METRIC_WORDS[metric.name]} of ${of.operation}`, [
    { figures: ofBase, label: options.baseLabel ?? "base" },
    { figures: ofHead, label: options.headLabel ?? "head" },
  ]);
  const pairs = bounded.flatMap((pair) =>
    hasRatios && pair.base.why === null && pair.head.why === null
      ? [{ base: pair.base.low, head: pair.head.low }]
      : [],
  );
  const comparison: MetricComparison = {
    ...of,
    unit: metric.unit,
    better: metric.better,
    clock: operation === null || !metric.isLatency ? null : sharedClock(cell, operation.name),
    isGate: isDeclared && obstacle === null,
    base: base.value,
    head: head.value,
    baseBounds: base.bounds,
    headBounds: head.bounds,
    notKnown,
    ratio:
      notKnown !== null || !hasRatios || base.value === null || head.value === null
        ? null
        : head.value / base.value,
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
  const extremes = notKnown === null || cell.pairs.length < 2 ? null : extremePairs(bounded);
  return { comparison, extremes };
}

/** A latency below a nanosecond. */
function isZero({ high }: BoundedFigure): boolean {
  return high === 0;
}

/** Exact where no missing request could change it; else null, with what bounds it. */
function medianOf(figures: readonly BoundedFigure[]): {
  value: number | null;
  bounds: MetricComparison["baseBounds"];
} {
  const [low, high] = [
    median(figures.map((each) => each.low)),
    median(figures.map((each) => each.high)),
  ];
  if (low === high) return { value: low, bounds: null };
  return {
    value: null,
    bounds: { atLeast: low > 0 ? low : null, atMost: Number.isFinite(high) ? high : null },
  };
}

/** `p99 of put is not known for 8 of 8 runs of head: requests failed`; null where all runs have it. */
function notKnownOf(
  what: string,
  sides: readonly { figures: readonly BoundedFigure[]; label: string }[],
): string | null {
  const clauses = sides.flatMap(({ figures, label }) => {
    const reasons = figures.flatMap(({ why }) => why ?? []);
    if (reasons.length === 0) return [];
    const runs = formatNoun(figures.length, "run");
    return [`for ${reasons.length} of ${runs} of ${label}: ${[...new Set(reasons)].join(", ")}`];
  });
  return clauses.length === 0 ? null : `${what} is not known ${clauses.join("; and ")}`;
}

function sharedClock({ base, head }: Cell, operation: string): MetricComparison["clock"] {
  const [clock, ...others] = new Set(
    [...base, ...head].map((run) => judgedClock(operationOf(run, operation)!)),
  );
  return others.length === 0 ? clock! : "both";
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
  // A request that failed has a place in the distribution, too.
  const fewest = Math.min(...runs.map((run) => requestsOf(operationOf(run, operation)!)));
  if (fewest < metric.leastRequests) {
    return `a run has ${formatNoun(fewest, "request")}, and ${withThousands(metric.leastRequests)} are needed to judge it`;
  }
  if (complete < pairs.length) return "not every run has this figure";
  if (metric.isLatency && !isSameLoad(base[0]!, head[0]!)) {
    return "the sides offer different loads, at which latencies do not compare";
  }
  if (metric.isLatency && sharedClock({ name, base, head, pairs }, operation) === "both") {
    return "the runs have different clocks, whose latencies do not compare";
  }
  return null;
}

function requestsOf(operation: OperationResult): number {
  return operation.requests.succeeded + (judgedLatency(operation).missing?.count ?? 0);
}

function isSameLoad({ plan: a }: RunResult, { plan: b }: RunResult): boolean {
  return a.load.clients === b.load.clients && a.pacing.ratePerSec === b.pacing.ratePerSec;
}

function operationOf(run: RunResult, name: string): OperationResult | undefined {
  return run.operations.find((each) => each.name === name);
}
