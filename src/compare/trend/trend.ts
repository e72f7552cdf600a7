/** Makes a Trend of points: segments, a series for each figure, the verdict. Pure. */
import { usageError } from "../../errors.ts";
import { newResultId } from "../../result/id.ts";
import { checkGates, DEFAULT_GATES, type Gate, isGated } from "../gates.ts";
import type { MetricName } from "../schema.ts";
import { analyseSeries } from "./analyse.ts";
import { gapNote, gapsOf } from "./gaps.ts";
import { type Measured, measuredIn, validCells } from "./measured.ts";
import { pointNotes } from "./point-notes.ts";
import { TREND_SCHEMA_VERSION, type Trend, type TrendSegment, type TrendSeries } from "./schema.ts";
import type { LeftOut, SeriesPoint } from "./series-points.ts";
import { neverIn, verdictOf } from "./verdict.ts";

export interface TrendOptions {
  source: string;
  gates?: readonly Gate[];
  /** Fractions, in place of those that the comparisons were made with. */
  leastEffects?: Partial<Record<MetricName, number>>;
  /** Of the permutation tests. */
  seed?: number;
}

/** @throws BenchError (usage) if no point is left */
export function trendOf(
  points: readonly SeriesPoint[],
  alreadyLeftOut: LeftOut,
  options: TrendOptions,
): Trend {
  const { gates = DEFAULT_GATES } = options;
  const leftOut = [...alreadyLeftOut];
  const usable = withoutCanaries(points, leftOut);
  const bySegment = new Map<string, SeriesPoint[]>();
  for (const point of usable) {
    const key = JSON.stringify([hostOf(point), referenceOf(point)]);
    bySegment.set(key, [...(bySegment.get(key) ?? []), point]);
  }
  const newest = usable.at(-1);
  if (newest === undefined) {
    const reasons = leftOut.map(({ what, reason }) => `${what}: ${reason}`);
    const otherwise =
      points.length > 0
        ? "only canaries, which are not points: give comparisons of two sides"
        : "no comparison, and no results of two sides";
    throw usageError(`${options.source} has no points: ${reasons.join("; ") || otherwise}`);
  }
  const segments = [...bySegment.values()].map((of) => segmentOf(of, of.includes(newest)));
  const series = [...bySegment.values()].flatMap((of, at) =>
    seriesOf(of, at, segments[at]!.isNewest, options),
  );
  checkGates(
    gates,
    usable.flatMap(measuredIn).map(({ kind, metric: { operation } }) => ({ operation, kind })),
  );
  const gaps = [...bySegment.values()].flatMap((of, at) => gapsOf(of, at, gates));
  if (series.length === 0) {
    throw usageError(`${options.source} has no figures: no point has a valid comparison`);
  }
  return {
    kind: "trend",
    schemaVersion: TREND_SCHEMA_VERSION,
    id: newResultId(),
    source: options.source,
    startedAt: usable[0]!.comparison.startedAt,
    endedAt: newest.comparison.startedAt,
    nights: countOf(usable),
    segments,
    series,
    gaps,
    leftOut,
    verdict: verdictOf(segments, series, gaps, neverIn(newest)),
    notes: [
      ...notesOf(segments, series),
      ...gaps.map((gap) => gapNote(gap, gaps)),
      ...pointNotes(usable, countOf),
    ],
  };
}

/** A canary is no point. If it found a difference, the point of its name and host is left out. */
function withoutCanaries(points: readonly SeriesPoint[], leftOut: LeftOut): SeriesPoint[] {
  const place = (point: SeriesPoint) => `${point.name} ${hostOf(point)}`;
  const failed = new Set(
    points
      .filter(({ comparison }) => comparison.isCanary && comparison.verdict.kind === "invalid")
      .map(place),
  );
  return points.filter((point) => {
    const { isCanary, cells } = point.comparison;
    if (isCanary) return false;
    const reasons = new Set(cells.flatMap(({ invalid }) => invalid));
    const isAnyValid = cells.some(({ invalid }) => invalid.length === 0);
    const reason = failed.has(place(point))
      ? "its canary, the same against itself, found a difference"
      : isAnyValid
        ? null
        : [...reasons].join("; ");
    if (reason !== null) leftOut.push({ what: point.name, reason });
    return reason === null;
  });
}

function hostOf({ comparison }: SeriesPoint): string {
  return comparison.hosts.join(" and ");
}

/** What the user calls it, else the version of its etcd. */
function referenceOf({ comparison }: SeriesPoint): string {
  const { labels, base } = comparison;
  return base.labels.reference ?? labels.reference ?? `etcd ${base.etcdVersions.join(" and ")}`;
}

function segmentOf(points: readonly SeriesPoint[], isNewest: boolean): TrendSegment {
  const first = points[0]!;
  return {
    host: hostOf(first),
    reference: referenceOf(first),
    firstNight: first.name,
    lastNight: points.at(-1)!.name,
    nights: countOf(points),
    isNewest,
  };
}

/** Comparisons of one name are one point where each has other loads, as the suites of one night have. */
function countOf(points: readonly SeriesPoint[]): number {
  const byName = new Map<string, Map<string, number>>();
  for (const { name, comparison } of points) {
    const byCell = byName.get(name) ?? new Map<string, number>();
    for (const { cell } of validCells(comparison)) byCell.set(cell, (byCell.get(cell) ?? 0) + 1);
    byName.set(name, byCell);
  }
  return [...byName.values()].reduce((sum, byCell) => sum + Math.max(...byCell.values()), 0);
}

function seriesOf(
  seriesPoints: readonly SeriesPoint[],
  segment: number,
  isNewest: boolean,
  { gates = DEFAULT_GATES, leastEffects = {}, seed = 1 }: TrendOptions,
): TrendSeries[] {
  const byFigure = new Map<string, Measured[]>();
  for (const each of seriesPoints.flatMap(measuredIn)) {
    const { operation, metric } = each.metric;
    const key = JSON.stringify([each.cell, operation, metric]);
    byFigure.set(key, [...(byFigure.get(key) ?? []), each]);
  }
  return [...byFigure.values()].map((measured): TrendSeries => {
    // Unit, least effect and the reason not to be a gate are those of the newest point.
    const { cell, kind, metric } = measured.at(-1)!;
    const { operation, metric: name, unit, better, clock, reason } = metric;
    const isDeclared = isGated(gates, metric, kind);
    const leastEffect = leastEffects[name] ?? metric.leastEffect;
    const ratios = measured.map(({ point }) => point.ratio);
    const analysis = analyseSeries(ratios, { better, leastEffect, seed });
    const isGate = isDeclared && reason === null;
    return {
      segment,
      cell,
      operation,
      metric: name,
      unit,
      better,
      clock,
      isGate,
      reason: isDeclared ? reason : null,
      leastEffect,
      points: measured.map(({ point }, at) => ({
        ...point,
        isOutlier: analysis.outliers.includes(at),
      })),
      levels: analysis.levels,
      changes: analysis.changes,
      isNewestFar: analysis.isNewestFar,
      alarm: isGate && isNewest ? analysis.alarm : null,
    };
  });
}

function notesOf(segments: readonly TrendSegment[], series: readonly TrendSeries[]): string[] {
  const far = series.filter(
    ({ isGate, isNewestFar, segment }) => isGate && isNewestFar && segments[segment]!.isNewest,
  );
  return far.map(
    ({ operation, metric, points }) =>
      `${operation} ${metric} of ${points.at(-1)!.night} is far from the others: run it again at another time; ` +
      "the next point shows whether it is a change.",
  );
}
