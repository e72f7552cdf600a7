/**
 * Renders a calibration as tables. They show figures and ratios only; the reader judges what is enough.
 */
import type { ReportOptions } from "../report/format.ts";
import { type Column, renderGrid } from "../tables/grid.ts";
import { describeCpus, describeMemory } from "../tables/machine-text.ts";
import {
  ABSENT,
  formatCount,
  formatDuration,
  formatMs,
  formatPercent,
  formatRate,
} from "../tables/number-format.ts";
import { type Paint, paintFor } from "../tables/paint.ts";
import { formatNoun } from "../text/noun.ts";
import type { AccuracyFigures, CalibrationReport, CostFigures, LagFigures } from "./report.ts";

/** Text that ends in a newline. */
export function renderCalibration(report: CalibrationReport, options: ReportOptions): string {
  const paint = paintFor(options.color);
  const { cost, dispatchLag, percentileErrors } = report;
  const sections = [
    headline(report, paint),
    cost && titled("CPU per request, as fast as answers come", renderCost(cost, options), paint),
    dispatchLag &&
      titled(
        "Dispatch lag: how long after it was due a put was sent (wire)",
        renderLag(dispatchLag, options),
        paint,
      ),
    percentileErrors &&
      titled(
        "Percentiles of the service time, against a server that delays each put and knows by how much (wire)",
        renderAccuracy(percentileErrors, options),
        paint,
      ),
    report.notes.map((text) => `note: ${text}`).join("\n"),
    machine(report),
  ];
  return `${sections.filter((section) => section !== null).join("\n\n")}\n`;
}

function headline({ load, status, isQuick, durationSeconds }: CalibrationReport, paint: Paint) {
  const { connections, clients, keySizeBytes, valSizeBytes } = load;
  const what =
    `This client against a fake etcd that does nothing: 1 worker, ${formatNoun(connections, "connection")}, ` +
    `${formatNoun(clients, "client")}, key ${keySizeBytes} B, value ${valSizeBytes} B`;
  const how = [
    isQuick ? "quick: too short for figures to keep" : null,
    status === "interrupted" ? "interrupted: the sections that were finished" : null,
    `took ${formatDuration(durationSeconds * 1000)}`,
  ].filter((part) => part !== null);
  return `${paint.bold(what)}\n${how.join("; ")}`;
}

function titled(title: string, text: string, paint: Paint): string {
  return `${paint.bold(title)}\n${text}`;
}

function renderCost(rows: readonly CostFigures[], options: ReportOptions): string {
  const columns: Column<CostFigures>[] = [
    { header: ["request"], align: "left", cell: ({ operation }) => operation },
    { header: ["client"], align: "left", cell: ({ client }) => client },
    { header: ["client CPU", "per request"], cell: (row) => micros(row.cpuMicrosPerRequest) },
    { header: ["wire", "over this"], cell: ({ wireOverThis }) => formatShare(wireOverThis) },
    { header: ["requests/s of", "one worker"], cell: (row) => formatRate(row.requestsPerSec) },
    { header: ["client CPU", "of a core"], cell: ({ cpuPercent }) => formatPercent(cpuPercent) },
    { header: ["server CPU", "per request"], cell: (row) => micros(row.serverCpuMicrosPerRequest) },
    { header: ["server CPU", "of a core"], cell: (row) => formatPercent(row.serverCpuPercent) },
  ];
  return renderGrid(columns, rows, options);
}

function renderLag(rows: readonly LagFigures[], options: ReportOptions): string {
  const columns: Column<LagFigures>[] = [
    { header: ["due/s"], cell: ({ ratePerSec }) => formatCount(ratePerSec) },
    { header: ["pacing"], align: "left", cell: ({ wait }) => wait },
    { header: ["sent/s"], cell: ({ sentPerSec }) => formatRate(sentPerSec) },
    { header: ["lag", "p50"], cell: ({ dispatchLagP50Ms }) => formatDuration(dispatchLagP50Ms) },
    { header: ["lag", "p99"], cell: ({ dispatchLagP99Ms }) => formatDuration(dispatchLagP99Ms) },
    { header: ["client CPU", "of a core"], cell: ({ cpuPercent }) => formatPercent(cpuPercent) },
  ];
  return renderGrid(columns, rows, options);
}

function renderAccuracy(figures: readonly AccuracyFigures[], options: ReportOptions): string {
  const rows = figures.flatMap((of) => of.percentiles.map((error) => ({ of, error })));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    {
      header: ["loop"],
      align: "left",
      cell: ({ of }) => (of.ratePerSec === null ? of.loop : `${formatRate(of.ratePerSec)}/s`),
    },
    { header: ["requests"], cell: ({ of }) => formatCount(of.requests) },
    { header: ["percentile"], align: "left", cell: ({ error }) => `p${error.percentile}` },
    { header: ["true", "ms"], cell: ({ error }) => formatMs(error.trueMs) },
    { header: ["measured", "ms"], cell: ({ error }) => formatMs(error.measuredMs) },
    { header: ["error", "ms"], cell: ({ error }) => formatMs(error.errorMs) },
    { header: ["error"], cell: ({ error }) => formatPercent(error.errorPercent) },
  ];
  return renderGrid(columns, rows, options);
}

function machine({ environment, loadAverage1m, startedAt }: CalibrationReport): string {
  const { tool, node, os, kernel } = environment;
  const parts = [
    `Measured by ${tool} (Node ${node})`,
    `on ${describeCpus(environment)}`,
    describeMemory(environment),
    `${os} (${kernel})`,
    `load average before the start ${loadAverage1m.toFixed(2)}`,
    startedAt.slice(0, 10),
  ];
  return parts.filter((part) => part !== null).join(", ");
}

function micros(value: number | null): string {
  return formatDuration(value === null ? null : value / 1000);
}

/** Ratios far below one keep their digits: `0.037x`. */
function formatShare(ratio: number | null): string {
  return ratio === null ? ABSENT : `${ratio.toFixed(ratio < 0.0995 ? 3 : 2)}x`;
}
