/** Makes a Comparison of the runs of two sides: figures, tests, verdicts. Pure. */
import { newResultId } from "../result/id.ts";
import { type Clock, judgedClock } from "../result/judged-latency.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { benjaminiHochberg, holm } from "../stats/adjusted-p-values.ts";
import { median } from "../stats/median.ts";
import { isPrimary } from "../workloads/series-roles.ts";
import { AVAILABILITY_METRICS, countedMetrics, RECOVERY_METRICS } from "./availability-metrics.ts";
import { type Cell, matchCells } from "./cells.ts";
import { completePairs } from "./complete-pairs.ts";
import { checkGates, DEFAULT_GATES, type Gate, isGated } from "./gates.ts";
import { pairStatistics, type ValuePair, verdictOf } from "./judge-metric.ts";
import { ETCD, ETCD_METRICS, METRICS, type Metric } from "./metrics.ts";
import { overallVerdict } from "./overall-verdict.ts";
import {
  type CellComparison,
  COMPARISON_SCHEMA_VERSION,
  type Comparison,
  type MetricComparison,
  type MetricName,
} from "./schema.ts";
import { hostOf, invalidReasons, rateNotes } from "./validity.ts";

export interface CompareOptions {
  baseLabel: string;
  headLabel: string;
  gates?: readonly Gate[];
  /** Fractions, in place of the metrics' own. */
  leastEffects?: Partial<Record<MetricName, number>>;
  isCanary?: boolean;
  status?: Comparison["status"];
  labels?: Record<string, string>;
  notes?: readonly string[];
}

const SINGLE =
  "One run a side carries no spread between runs: these are ratios, and they say nothing of " +
  "significance. `bench ab` measures in pairs.";
const APART =
  "The runs of the two sides did not take turns, so that a drift of the machine looks like a " +
  "change: these are ratios, and they say nothing of significance. `bench ab` measures in pairs.";

/**
 * Each side has at least one run.
 * @throws BenchError (usage) where the sides have no load in common, and for a gate of an operation
 *   that they do not have
 */
export function compareRuns(
  allOfBase: readonly RunResult[],
  allOfHead: readonly RunResult[],
  options: CompareOptions,
): Comparison {
  const { baseLabel, headLabel } = options;
  const complete = completePairs(allOfBase, allOfHead);
  // Without a complete pair there are still figures to show.
  const isAnyLeft = complete.base.length > 0 && complete.head.length > 0;
  const [base, head] = isAnyLeft ? [complete.base, complete.head] : [allOfBase, allOfHead];
  const matched = matchCells(base, head, { base: baseLabel, head: headLabel });
  const drafts = matched.cells.map((cell) => draftCell(cell, options));
  judgeTogether(drafts);
  const cells = drafts.map(({ cell }) => cell);
  checkGates(
    options.gates ?? DEFAULT_GATES,
    cells.flatMap(({ kind, metrics }) => {
      const ofLoad = metrics.filter(({ operation }) => operation !== ETCD);
      return ofLoad.map(({ operation }) => ({ operation, kind: kind ?? "" }));
    }),
  );
  const all = [...base, ...head];
  const first = all.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))[0]!;
  const isCanary = options.isCanary ?? false;
  const notes = [
    ...(options.notes ?? []),
    ...(cells.some(({ design }) => design === "single") ? [SINGLE] : []),
    ...(cells.some(({ design }) => design === "apart") ? [APART] : []),
    ...(isAnyLeft && complete.leftOut > 0 ? [leftOutNote(complete.leftOut)] : []),
    ...matched.notes,
    ...matched.cells.flatMap(rateNotes),
    ...asideNotes(cells),
    ...toolNotes(all),
  ];
  return {
    kind: "comparison",
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    id: newResultId(),
    startedAt: first.startedAt,
    status: options.status ?? "complete",
    isCanary,
    labels: options.labels ?? sharedLabels(all),
    base: side(baseLabel, base),
    head: side(headLabel, head),
    hosts: [...new Set(all.map(hostOf))],
    cells,
    verdict: overallVerdict(cells, isCanary),
    notes,
  };
}

function leftOutNote(runs: number): string {
  return `${runs} ${runs === 1 ? "run" : "runs"} of a pair that broke off ${runs === 1 ? "is" : "are"} left out.`;
}

/** Where operations have a whole that is gated in their place. */
function asideNotes(cells: readonly CellComparison[]): string[] {
  const all = cells.flatMap(({ metrics }) => metrics);
  const names = (of: readonly MetricComparison[]) => new Set(of.map(({ operation }) => operation));
  const gated = names(all.filter(({ isGate, reason }) => isGate || reason !== null));
  const aside = [...names(all)].filter((name) => name !== ETCD && !gated.has(name));
  if (gated.size === 0 || aside.length === 0) return [];
  return [
    `The gates are of ${[...gated].join(", ")}; what else was measured is shown and makes no verdict ` +
      `(--gate=${aside[0]}:p99 would have it make one).`,
  ];
}

interface DraftCell {
  cell: CellComparison;
  isPaired: boolean;
}

function draftCell(cell: Cell, options: CompareOptions): DraftCell {
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
  { gates = DEFAULT_GATES, leastEffects }: CompareOptions,
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

/** Holm over the gates of all cells, Benjamini and Hochberg over all others. */
function judgeTogether(drafts: readonly DraftCell[]): void {
  const judged = drafts
    .filter(({ isPaired }) => isPaired)
    .flatMap(({ cell }) => cell.metrics.map((metric) => ({ cell, metric })))
    .filter(({ metric }) => metric.pairs.length > 1);
  for (const isGate of [true, false]) {
    const group = judged.filter(({ metric }) => metric.isGate === isGate);
    const tests = isGate ? group.length : 1;
    for (const { metric } of group) {
      Object.assign(metric, pairStatistics(metric.pairs, metric.better, tests));
    }
    const adjusted = (isGate ? holm : benjaminiHochberg)(group.map((each) => each.metric.pValue!));
    for (const [at, { cell, metric }] of group.entries()) {
      metric.adjustedPValue = adjusted[at]!;
      metric.verdict =
        cell.invalid.length > 0
          ? "invalid"
          : verdictOf(metric, adjusted[at]!, metric.better, metric.leastEffect);
    }
  }
}

function operationOf(run: RunResult, name: string): OperationResult | undefined {
  return run.operations.find((each) => each.name === name);
}

function side(label: string, runs: readonly RunResult[]): Comparison["base"] {
  const versions = runs.map(({ target }) => target.version ?? "of a version not known");
  return {
    label,
    etcdVersions: [...new Set(versions)],
    resultIds: runs.map(({ id }) => id),
    labels: sharedLabels(runs),
  };
}

/** What every run was labelled with alike. */
function sharedLabels(runs: readonly RunResult[]): Record<string, string> {
  const [first, ...others] = runs.map(({ plan }) => plan.labels);
  const shared = Object.entries(first!).filter(([name, value]) =>
    others.every((labels) => labels[name] === value),
  );
  return Object.fromEntries(shared);
}

function toolNotes(runs: readonly RunResult[]): string[] {
  const clients = new Set(runs.map(({ environment: { tool, node } }) => `${tool} on Node ${node}`));
  if (clients.size === 1) return [];
  return [`Not all runs were made by the same client: ${[...clients].join(", ")}.`];
}
