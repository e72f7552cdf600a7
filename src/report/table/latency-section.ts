/** Owns the requests and the latency by every clock that a run has. */
import type { Latency, LatencyFigure, OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { formatCount, formatDuration } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";

interface OperationRow {
  run: LabelledRun;
  operation: OperationResult;
}

export interface ClockRow extends OperationRow {
  clock: string;
  latency: Latency;
}

const BOTH_CLOCKS =
  "Service time runs from the actual send of a request, response time from the moment the " +
  "schedule had it due: where it is longer, requests had to wait before they could be sent.";

const OPERATION_COLUMN: Column<OperationRow> = {
  header: ["Operation"],
  align: "left",
  cell: ({ operation }) => printable(operation.name),
};

/** Of several runs, only the requests that did not go as planned are told of one by one. */
export function requestsSection(runs: readonly LabelledRun[]): TableSection {
  const all = operationsOf(runs);
  const rows = runs.length === 1 ? all : all.filter(({ operation }) => !wentAsPlanned(operation));
  const count = (name: keyof OperationResult["requests"]): Column<OperationRow> => ({
    header: [name],
    cell: ({ operation }) => formatCount(operation.requests[name]),
  });
  const columns: Column<OperationRow>[] = [
    ...labelColumns(runs),
    OPERATION_COLUMN,
    {
      header: ["duration"],
      cell: ({ operation }) => formatDuration(operation.durationSeconds * 1000),
    },
    count("offered"),
    count("started"),
    count("succeeded"),
    count("failed"),
    count("dropped"),
  ];
  if (rows.some(({ operation }) => operation.requests.resent > 0)) columns.push(count("resent"));
  const total = all.reduce((sum, { operation }) => sum + operation.requests.offered, 0);
  const remarks = [`All ${formatCount(total)} offered were sent and succeeded.`];
  return tableSection("Requests", columns, rows, rows.length === 0 ? { remarks } : {});
}

export function latencySection(runs: readonly LabelledRun[]): TableSection {
  const rows = clockRows(runs);
  const figure = (header: string, name: LatencyFigure): Column<ClockRow> => ({
    header: [header],
    cell: ({ latency }) => latencyText(latency, name),
  });
  const columns: Column<ClockRow>[] = [
    ...labelColumns(runs),
    OPERATION_COLUMN,
    { header: ["clock"], align: "left", cell: ({ clock }) => clock },
    figure("mean", "meanMs"),
    figure("p50", "p50Ms"),
    figure("p90", "p90Ms"),
    figure("p99", "p99Ms"),
    figure("p99.9", "p999Ms"),
    figure("max", "maxMs"),
  ];
  const paced = rows.some(({ operation }) => operation.responseTime !== null);
  return tableSection("Latency", columns, rows, { remarks: paced ? [BOTH_CLOCKS] : [] });
}

/** Each operation by each clock that it has. */
export function clockRows(runs: readonly LabelledRun[]): ClockRow[] {
  return operationsOf(runs).flatMap(clocksOf);
}

function operationsOf(runs: readonly LabelledRun[]): OperationRow[] {
  return runs.flatMap((run) => run.result.operations.map((operation) => ({ run, operation })));
}

function clocksOf(row: OperationRow): ClockRow[] {
  const { serviceTime, responseTime, failedTime } = row.operation;
  const clocks = [
    ["service time", serviceTime],
    ["response time", responseTime],
    ["until failure", failedTime],
  ] as const;
  return clocks.flatMap(([clock, latency]) =>
    latency === null ? [] : [{ ...row, clock, latency }],
  );
}

function wentAsPlanned({ requests }: OperationResult): boolean {
  return requests.succeeded === requests.offered && requests.resent === 0;
}
