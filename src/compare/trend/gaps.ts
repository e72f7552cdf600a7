/** Finds the points of a trend that say nothing of a figure, which the trend then does not call quiet. */
import { formatNoun } from "../../text/noun.ts";
import { type Gate, isGated } from "../gates.ts";
import { METRIC_WORDS } from "../metric-words.ts";
import type { MetricComparison } from "../schema.ts";
import { type Measured, measuredIn, validCells } from "./measured.ts";
import { fewOf } from "./point-notes.ts";
import type { TrendGap } from "./schema.ts";
import type { SeriesPoint } from "./series-points.ts";

/**
 * A comparison without the figure of a gate says nothing of it, and its trend is not quiet. Only of loads
 * that the point has measured; figures that are no gates are listed where missing requests are the reason.
 */
export function gapsOf(
  points: readonly SeriesPoint[],
  segment: number,
  gates: readonly Gate[],
): TrendGap[] {
  const known = points.flatMap(measuredIn);
  const rows = points.map(({ name, comparison }) => ({ name, cells: validCells(comparison) }));
  const figures = new Map<string, Pick<Measured, "cell" | "kind" | "metric">>();
  for (const { cells } of rows) {
    for (const { cell, kind, metrics } of cells) {
      for (const metric of metrics) {
        if (metric.unit === "count") continue;
        figures.set(JSON.stringify([cell, metric.operation, metric.metric]), {
          ...{ cell, kind: kind ?? "", metric },
        });
      }
    }
  }
  return [...figures.values()].flatMap(({ cell, kind, metric: figure }): TrendGap[] => {
    const { operation, metric } = figure;
    const isSame = (other: MetricComparison) =>
      other.operation === operation && other.metric === metric;
    const isGate = isGated(gates, figure, kind) && figure.reason === null;
    const isKnown = known.some((each) => each.cell === cell && isSame(each.metric));
    const ofLoad = rows.flatMap(({ name, cells }) => {
      const found = cells.find((each) => each.cell === cell);
      if (found === undefined) return [];
      const inPoint = found.metrics.find(isSame);
      const isMissing =
        inPoint === undefined
          ? isGate && isKnown
          : inPoint.notKnown !== null && inPoint.ratio === null;
      return [{ name, isMissing, reason: inPoint?.notKnown ?? null }];
    });
    const missing = ofLoad.filter(({ isMissing }) => isMissing);
    if (missing.length === 0) return [];
    const isNewest = ofLoad.at(-1)!.isMissing;
    const nights = missing.map(({ name }) => name);
    const { reason } = missing.at(-1)!;
    return [{ segment, cell, operation, metric, isGate, nights, isNewest, reason }];
  });
}

/** `8 points without p99 of put, 2026-10-13, ... (6 more), 2026-10-20: p99 of put is not known for ...`. */
export function gapNote(
  { cell, operation, metric, nights, reason }: TrendGap,
  all: readonly TrendGap[],
) {
  const load = new Set(all.map((gap) => gap.cell)).size > 1 ? `${cell}: ` : "";
  const why = reason === null ? "" : `: ${reason}`;
  return `${load}${formatNoun(nights.length, "point")} without ${METRIC_WORDS[metric]} of ${operation}, ${fewOf(nights)}${why}.`;
}
