/**
 * Renders the table of a suite's cells: a line for each cell and operation, over all its runs, and
 * below it which runs had problems.
 */

import { aroundRuns } from "../../result/around-runs.ts";
import { judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { OperationResult, RunResult } from "../../result/schema.ts";
import { thresholdOutcome } from "../../result/threshold-outcome.ts";
import { sumOfErrors } from "../../stats/distinct-counts.ts";
import { medianOfAll } from "../../stats/median.ts";
import type { Column } from "../../tables/grid.ts";
import type { LabelledRun } from "../../tables/labels.ts";
import { betweenMsText } from "../../tables/latency-text.ts";
import { formatCount, formatRate } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { thresholdSentence } from "../../tables/threshold-words.ts";
import { capitalised } from "../../text/capitalised.ts";
import { printable } from "../../text/visible.ts";
import { type BoundedFigure, medianLatency } from "../median-latency.ts";
import { type ErrorRow, errorTable } from "./errors-section.ts";
import { hasOutages, OUTAGE_COLUMNS, OUTAGE_REMARK } from "./outage-columns.ts";

interface Row {
  cell: string;
  operation: string;
  runs: { result: RunResult; operation: OperationResult }[];
}

const COLUMNS: Column<Row>[] = [
  { header: ["Cell"], align: "left", cell: ({ cell }) => printable(cell) },
  { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation) },
  { header: ["Runs"], cell: ({ runs }) => formatCount(runs.length) },
  { header: ["QPS"], cell: (row) => formatRate(rateOf(row)) },
  { header: ["clock"], align: "left", cell: ({ runs }) => clocksOf(runs) },
  latency("Mean", "meanMs"),
  latency("p50", "p50Ms"),
  latency("p99", "p99Ms"),
  latency("p99.9", "p999Ms"),
  {
    header: ["Failed"],
    cell: ({ runs }) =>
      formatCount(runs.reduce((sum, { operation }) => sum + operation.requests.failed, 0)),
  },
];

/** How far runs of one cell lie apart. */
const SPREAD: Column<Row> = {
  header: ["least to most"],
  cell: ({ runs }) => {
    const rates = known(runs.map(({ operation }) => operation.throughputPerSec));
    if (rates.length < 2) return "-";
    return `${formatRate(Math.min(...rates))} to ${formatRate(Math.max(...rates))}`;
  },
};

/** The name of the cell that a run is of; null for one of no suite. */
export function cellOf({ plan }: RunResult): string | null {
  return plan.labels.cell ?? null;
}

/** Null where no run is of a suite. */
export function cellsSection(runs: readonly LabelledRun[]): TableSection | null {
  const ofSuites = runsOfSuites(runs);
  if (ofSuites.length === 0) return null;
  const all = rowsOf(ofSuites);
  const repeats = all.some((row) => row.runs.length > 1);
  const outages = hasOutages(all);
  const columns = [
    ...COLUMNS.slice(0, 4),
    ...(repeats ? [SPREAD] : []),
    ...COLUMNS.slice(4),
    ...(outages ? OUTAGE_COLUMNS : []),
  ];
  const remarks = [
    ...(repeats ? ["Figures are medians over the runs of a cell."] : []),
    ...(outages ? [OUTAGE_REMARK] : []),
    ...ofSuites.flatMap(faults),
    ...aroundRuns(ofSuites).map((text) => printable(capitalised(text))),
  ];
  return tableSection("Cells", columns, all, { remarks });
}

interface CellError extends ErrorRow {
  cell: string;
}

/** Why requests failed, over all runs of a cell; null where none did. */
export function cellErrors(runs: readonly LabelledRun[]): TableSection | null {
  const rows = rowsOf(runsOfSuites(runs)).flatMap((row) =>
    sumOfErrors(row.runs.flatMap(({ operation }) => operation.errors)).map(
      (error): CellError => ({ cell: row.cell, operation: row.operation, error }),
    ),
  );
  return errorTable(rows, [
    { header: ["Cell"], align: "left", cell: ({ cell }) => printable(cell) },
  ]);
}

function runsOfSuites(runs: readonly LabelledRun[]): RunResult[] {
  return runs.map(({ result }) => result).filter((result) => cellOf(result) !== null);
}

function rowsOf(ofSuites: readonly RunResult[]): Row[] {
  const rows = new Map<string, Row>();
  for (const result of ofSuites) {
    const cell = cellOf(result)!;
    for (const operation of wholeOperations(result)) {
      const key = JSON.stringify([result.plan.labels.suite, cell, operation.name]);
      const row = rows.get(key) ?? { cell, operation: operation.name, runs: [] };
      row.runs.push({ result, operation });
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

/** Without the kinds of request that another operation is made of: `mixed-put` of `mixed`. */
function wholeOperations({ operations }: RunResult): OperationResult[] {
  const names = operations.map(({ name }) => name);
  return operations.filter(({ name }) => !names.some((other) => name.startsWith(`${other}-`)));
}

/** `response`. */
function clocksOf(runs: Row["runs"]): string {
  return [...new Set(runs.map(({ operation }) => judgedClock(operation)))].join(" or ");
}

function latency(name: string, field: BoundedFigure): Column<Row> {
  return {
    header: [name, "(ms)"],
    cell({ runs }) {
      const latencies = runs.map(({ operation }) => judgedLatency(operation));
      const { leastMs, mostMs } = medianLatency(latencies, field);
      return betweenMsText(leastMs, mostMs);
    },
  };
}

function rateOf({ runs }: Row): number | null {
  return medianOfAll(runs.map(({ operation }) => operation.throughputPerSec));
}

function known(figures: readonly (number | null)[]): number[] {
  return figures.filter((figure) => figure !== null);
}

/** What keeps a run from being taken at its word. */
function faults(result: RunResult): string[] {
  const { status, verdict, thresholds, plan } = result;
  const { repeat } = plan.labels;
  const run = `${cellOf(result)}${repeat === undefined || repeat === "1" ? "" : `, run ${repeat}`}`;
  const notHeld = thresholds.filter((each) => thresholdOutcome(each) !== "held");
  return [
    ...(status === "complete"
      ? []
      : [`the run ${status === "failed" ? "broke off" : "was interrupted"}`]),
    ...(verdict.kind === "valid" ? [] : [`${verdict.kind}: ${verdict.reasons.join("; ")}`]),
    ...notHeld.map((each) => thresholdSentence(each, result)),
  ].map((what) => printable(`${run}: ${what}`));
}
