/** Renders `--precise`: the figures of the tables above it with every digit that the result holds. */
import { type Column, renderGrid } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { preciseLatencyText } from "../../tables/latency-text.ts";
import type { Paint } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import type { ReportOptions } from "../format.ts";
import { type ClockRow, clockRows } from "./latency-section.ts";

const FIGURES = [
  "meanMs",
  "stddevMs",
  "minMs",
  "p50Ms",
  "p90Ms",
  "p95Ms",
  "p99Ms",
  "p999Ms",
  "maxMs",
] as const;

export function renderPrecise(
  runs: readonly LabelledRun[],
  options: ReportOptions,
  paint: Paint,
): string {
  const columns: Column<ClockRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation.name) },
    { header: ["clock"], align: "left", cell: ({ clock }) => clock },
    { header: ["seconds"], cell: ({ operation }) => String(operation.durationSeconds) },
    { header: ["requests/s"], cell: ({ operation }) => digits(operation.throughputPerSec) },
    ...FIGURES.map((name) => ({
      header: [name],
      cell: ({ latency }: ClockRow) => preciseLatencyText(latency, name),
    })),
  ];
  // Turned around, a figure a line: as upstream prints them, and no width is enough for all.
  const grid = renderGrid(columns, clockRows(runs), { ...options, widthColumns: 0 });
  return `${paint.bold("In full precision")}\n${grid}`;
}

function digits(value: number | null): string {
  return value === null ? "-" : String(value);
}
