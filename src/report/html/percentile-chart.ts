/** Draws the chart of latency by percentile, on logarithmic axes both ways. */
import { type PercentilePoint, percentileCurve } from "../../stats/percentile-curve.ts";
import type { LabelledRun } from "../../tables/labels.ts";
import { formatDuration } from "../../tables/number-format.ts";
import { printable } from "../../text/visible.ts";
import type { ClockRow } from "../table/latency-section.ts";
import { clockRows } from "../table/latency-section.ts";
import type { Figure } from "./figure.ts";
import { logScale, percentileScale } from "./scale.ts";
import { MOST_SLOTS } from "./theme.ts";

interface Curve {
  name: string;
  isDashed: boolean;
  points: PercentilePoint[];
  /** The percentile from which on missing requests could change it; null: none is missing there. */
  cutAt: number | null;
}

/** Histograms begin at 1 ns, which is recorded for no time at all: on a logarithmic axis it has no place. */
const LEAST_MS = 2e-6;

/** Null where no histogram was kept. */
export function percentileFigure(runs: readonly LabelledRun[]): Figure | null {
  // Of several runs the clock that a user goes by: both of each would be too many curves.
  const rows = clockRows(runs).filter(({ clock, operation }) => {
    const isWaited = clock === "response time" || operation.responseTime === null;
    return clock !== "until failure" && (runs.length === 1 || isWaited);
  });
  const all = rows.flatMap((row): Curve[] => {
    const { histogram, missing } = row.latency;
    if (histogram === null) return [];
    const { points, cutAt } = percentileCurve(histogram, missing?.histogram ?? null);
    const isDashed = row.clock === "service time" && row.operation.responseTime !== null;
    return points.length === 0 ? [] : [{ name: nameOf(row, rows), isDashed, points, cutAt }];
  });
  if (all.length === 0) return null;
  const curves = all.slice(0, MOST_SLOTS);
  const percentiles = union(curves);
  const x = percentileScale(percentiles.at(-1)!);
  const latencies = curves
    .flatMap(({ points }) => points.map(({ ms }) => ms))
    .filter((ms) => ms > LEAST_MS);
  if (latencies.length === 0) return null;
  const y = logScale(Math.min(...latencies), Math.max(...latencies), axisDuration);
  return {
    title: "Latency by percentile",
    caption: [
      "Each step to the right is ten times rarer; a curve ends where fewer than ten samples lie beyond.",
      ...cutsText(curves),
      ...(all.length > curves.length
        ? [`${all.length - curves.length} more are in the table of latencies.`]
        : []),
    ],
    panels: [
      {
        title: "Latency",
        heightPx: 300,
        x,
        y,
        xTitle: "percentile",
        lines: curves.map(({ name, isDashed, points }, at) => ({
          name,
          slot: at + 1,
          isDashed,
          points: points
            .filter(({ ms }) => ms > LEAST_MS)
            .map(({ percentile, ms }) => ({ x: x.at(percentile), y: y.at(ms) })),
        })),
      },
    ],
    columns: [
      { header: "Percentile", slot: null },
      ...curves.map(({ name }, at) => ({ header: name, slot: at + 1 })),
    ],
    rows: percentiles.map((percentile) => ({
      x: x.at(percentile),
      cells: [
        `${Number(percentile.toFixed(4))}%`,
        ...curves.map(({ points }) => {
          const point = points.find((each) => each.percentile === percentile);
          return formatDuration(point?.ms ?? null);
        }),
      ],
    })),
  };
}

/** A curve of the answered requests alone would be too good where others are missing. */
function cutsText(curves: readonly Curve[]): string[] {
  const cuts = curves.flatMap(({ name, cutAt }) =>
    cutAt === null ? [] : [`${name} before ${Number(cutAt.toFixed(4))}%`],
  );
  if (cuts.length === 0) return [];
  return [
    `Requests that failed or were never sent could change what lies beyond, so curves end there: ${cuts.join(", ")}.`,
  ];
}

/** As short as tells the curves of the chart apart. */
function nameOf({ run, operation, clock }: ClockRow, rows: readonly ClockRow[]): string {
  const differs = (of: (row: ClockRow) => string) => new Set(rows.map(of)).size > 1;
  const parts = [
    run.label,
    differs((row) => row.operation.name) ? printable(operation.name) : "",
    differs((row) => row.clock) ? clock : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? printable(operation.name) : parts.join(" ");
}

function union(curves: readonly Curve[]): number[] {
  const all = curves.flatMap(({ points }) => points.map(({ percentile }) => percentile));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** `2 ms`: ticks are round, and need no decimals. */
export function axisDuration(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1) return `${Number((ms * 1000).toPrecision(3))} µs`;
  if (ms < 1000) return `${Number(ms.toPrecision(3))} ms`;
  return `${Number((ms / 1000).toPrecision(3))} s`;
}
