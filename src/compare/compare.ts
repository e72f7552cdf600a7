/** Makes a Comparison of the runs of two sides: figures, tests, verdicts. Pure. */
import { newResultId } from "../result/id.ts";
import { hostOf } from "../result/machine-of.ts";
import { machineTexts } from "../result/machine-words.ts";
import type { RunResult } from "../result/schema.ts";
import { benjaminiHochberg, holm } from "../stats/adjusted-p-values.ts";
import { aroundNotes } from "./around-notes.ts";
import { type DraftCell, type DraftOptions, draftCell } from "./cell-draft.ts";
import { matchCells } from "./cells.ts";
import { clockNotes } from "./clock-notes.ts";
import { completePairs } from "./complete-pairs.ts";
import { failureNotes } from "./failure-notes.ts";
import { checkGates, DEFAULT_GATES } from "./gates.ts";
import { boundStatistics } from "./judge-bounds.ts";
import { pairStatistics, verdictOf } from "./judge-metric.ts";
import { METRIC_WORDS } from "./metric-words.ts";
import { ETCD } from "./metrics.ts";
import { overallVerdict } from "./overall-verdict.ts";
import { rangeNotes } from "./range-notes.ts";
import {
  type CellComparison,
  COMPARISON_SCHEMA_VERSION,
  type Comparison,
  type MetricComparison,
} from "./schema.ts";
import { targetDifferences } from "./target-differences.ts";
import { rateNotes, skewNotes } from "./validity.ts";

export interface CompareOptions extends DraftOptions {
  baseLabel: string;
  headLabel: string;
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
  const verdict = overallVerdict(cells, isCanary);
  const around = matched.cells.flatMap((cell) => aroundNotes(cell, options));
  const unlike = [
    ...matched.cells.flatMap(rateNotes),
    ...matched.cells.flatMap(skewNotes),
    ...matched.cells.flatMap((cell) => rangeNotes(cell, options)),
  ];
  const notes = [
    ...(options.notes ?? []),
    ...(cells.some(({ design }) => design === "single") ? [SINGLE] : []),
    ...(cells.some(({ design }) => design === "apart") ? [APART] : []),
    ...(isAnyLeft && complete.leftOut > 0 ? [leftOutNote(complete.leftOut)] : []),
    ...matched.notes,
    ...matched.cells.flatMap((cell) => targetDifferences(cell, options)),
    ...unlike,
    ...matched.cells.flatMap((cell) => clockNotes(cell, options)),
    ...matched.cells.flatMap((cell) => failureNotes(cell, options)),
    ...around.map(({ text }) => text),
    ...notKnownNotes(cells, verdict),
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
    isMachineBusy: machineTexts(all).length > 0,
    around: [
      ...unlike,
      ...around.filter(({ isOfMachine }) => !isOfMachine).map(({ text }) => text),
    ],
    cells,
    verdict,
    notes,
  };
}

function leftOutNote(runs: number): string {
  return `${runs} ${runs === 1 ? "run" : "runs"} of a pair that broke off ${runs === 1 ? "is" : "are"} left out.`;
}

/** Those that the verdict does not give as its reasons; a sentence for all that share theirs. */
function notKnownNotes(
  cells: readonly CellComparison[],
  { reasons }: Comparison["verdict"],
): string[] {
  const metricsBySentence = new Map<string, string[]>();
  for (const { name, metrics } of cells) {
    const ofLoad = (what: string) => (cells.length > 1 ? `${name}: ${what}` : what);
    for (const { metric, notKnown } of metrics) {
      if (notKnown === null || reasons.includes(ofLoad(notKnown))) continue;
      const words = METRIC_WORDS[metric];
      const sentence = ofLoad(`METRICS${notKnown.slice(words.length)}`);
      metricsBySentence.set(sentence, [...(metricsBySentence.get(sentence) ?? []), words]);
    }
  }
  return [...metricsBySentence].map(([sentence, metrics]) => {
    return `${sentence.replace("METRICS", () => metrics.join(", "))}.`;
  });
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

/** Holm over the gates of all cells, Benjamini and Hochberg over all others. */
function judgeTogether(drafts: readonly DraftCell[]): void {
  const judged = drafts
    .filter(({ isPaired }) => isPaired)
    .flatMap(({ cell, extremes }) =>
      cell.metrics.map((metric) => {
        const bounds = extremes.get(metric);
        return { cell, metric, bounds: bounds && boundStatistics(bounds, metric) };
      }),
    )
    .filter(({ metric, bounds }) => bounds !== undefined || metric.pairs.length > 1);
  for (const isGate of [true, false]) {
    const group = judged.filter(({ metric }) => metric.isGate === isGate);
    const tests = isGate ? group.length : 1;
    for (const { metric, bounds } of group) {
      if (bounds !== undefined) metric.pValue = bounds.pValue;
      else Object.assign(metric, pairStatistics(metric.pairs, metric, tests));
    }
    const adjusted = (isGate ? holm : benjaminiHochberg)(group.map((each) => each.metric.pValue!));
    for (const [at, { cell, metric, bounds }] of group.entries()) {
      metric.adjustedPValue = adjusted[at]!;
      metric.verdict =
        cell.invalid.length > 0
          ? "invalid"
          : (bounds?.verdict(adjusted[at]!) ??
            verdictOf(metric, adjusted[at]!, metric.better, metric.leastEffect));
    }
  }
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
