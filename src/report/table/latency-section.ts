/** Tables of the requests of a report, and of their latency by each clock that a run has. */
import { offeredOperations } from "../../result/offered.ts";
import type { Latency, LatencyFigure, OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { formatCount, formatDuration, formatRate } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import { requestSeries } from "../../workloads/series-roles.ts";

interface OperationRow {
  run: LabelledRun;
  operation: OperationResult;
}

export interface ClockRow extends OperationRow {
  clock: string;
  latency: Latency;
}

const BOTH_CLOCKS =
  "Service time starts at the send of a request, response time at its place in the schedule: where " +
  "response time is longer, requests waited before they could be sent.";

const OPERATION_COLUMN: Column<OperationRow> = {
  header: ["Operation"],
  align: "left",
  cell: ({ operation }) => printable(operation.name),
};

/**
 * Of several runs, only the requests that did not go as planned; of one run all series, unless one line
 * has it all.
 */
export function requestsSection(runs: readonly LabelledRun[]): TableSection {
  const all = operationsOf(runs);
  const late = all.filter(({ operation }) => !wentAsPlanned(operation));
  const isOneLine = late.length === 0 && (runs.length > 1 || all.length === 1);
  if (isOneLine) return tableSection("Requests", [], [], { remarks: [allSucceeded(runs)] });
  const count = (
    name: "offered" | "started" | "succeeded" | "failed" | "dropped" | "resent",
  ): Column<OperationRow> => ({
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
    { header: ["per second"], cell: ({ operation }) => formatRate(operation.throughputPerSec) },
    count("offered"),
    ...(late.length === 0 ? [] : [count("started")]),
    count("succeeded"),
    ...(late.length === 0 ? [] : [count("failed"), count("dropped")]),
  ];
  if (all.some(({ operation }) => operation.requests.resent > 0)) columns.push(count("resent"));
  return tableSection("Requests", columns, runs.length === 1 ? all : late);
}

/** Each request once, of whatever series else it is counted in. */
function allSucceeded(runs: readonly LabelledRun[]): string {
  const all = runs.flatMap(({ result: { operations, plan } }) =>
    requestSeries(offeredOperations(operations), plan.workload.kind),
  );
  const total = all.reduce((sum, { requests }) => sum + requests.offered, 0);
  if (total === 0) return "No request was sent.";
  const [first, ...others] = all;
  const within =
    first === undefined || others.length > 0
      ? ""
      : ` in ${formatDuration(first.durationSeconds * 1000)}`;
  return `All ${formatCount(total)} offered were sent and succeeded${within}.`;
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
    figure("min", "minMs"),
    figure("mean", "meanMs"),
    figure("stddev", "stddevMs"),
    figure("p50", "p50Ms"),
    figure("p90", "p90Ms"),
    figure("p95", "p95Ms"),
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

/** Without those that nothing was offered to. */
function operationsOf(runs: readonly LabelledRun[]): OperationRow[] {
  return runs.flatMap((run) =>
    offeredOperations(run.result.operations).map((operation) => ({ run, operation })),
  );
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
