/** Makes a Trend of points: segments, a series for each figure, the verdict. Pure. */
import { usageError } from "../../errors.ts";
import { newResultId } from "../../result/id.ts";
import { formatNoun } from "../../text/noun.ts";
import { checkGates, DEFAULT_GATES, type Gate, isGated } from "../gates.ts";
import { METRIC_WORDS } from "../metric-words.ts";
import type { Comparison, MetricComparison, MetricName } from "../schema.ts";
import { analyseSeries } from "./analyse.ts";
import { fewOf, pointNotes } from "./point-notes.ts";
import {
  TREND_SCHEMA_VERSION,
  type Trend,
  type TrendGap,
  type TrendPoint,
  type TrendSegment,
  type TrendSeries,
} from "./schema.ts";
import type { LeftOut, SeriesPoint } from "./series-points.ts";

export interface TrendOptions {
  source: string;
  gates?: readonly Gate[];
  /** Fractions, in place of those that the comparisons were made with. */
  leastEffects?: Partial<Record<MetricName, number>>;
  /** Of the permutation tests. */
  seed?: number;
}

/** With fewer points hardly any change can be told from chance at p of 0.001. */
const LEAST_POINTS = 16;

/** @throws BenchError (usage) if no point is left */
export function trendOf(
  points: readonly SeriesPoint[],
  alreadyLeftOut: LeftOut,
  options: TrendOptions,
): Trend {
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
    options.gates ?? DEFAULT_GATES,
    usable.flatMap(measuredIn).map(({ kind, metric: { operation } }) => ({ operation, kind })),
  );
  const gaps = [...bySegment.values()].flatMap((of, at) => gapsOf(of, at, options));
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

interface Measured {
  cell: string;
  kind: string;
  metric: MetricComparison;
  point: TrendPoint;
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

function measuredIn({ name, comparison }: SeriesPoint): Measured[] {
  return validCells(comparison).flatMap(({ cell, kind, metrics }) => {
    return metrics.flatMap((metric): Measured[] => {
      const { base, head, ratio } = metric;
      if (base === null || head === null || ratio === null || ratio <= 0) return [];
      const figures = { base, head, ratio, isOutlier: false };
      return [
        { cell, kind: kind ?? "", metric, point: { ...placeOf(name, comparison), ...figures } },
      ];
    });
  });
}

/**
 * A comparison without the figure of a gate says nothing of it, and its trend is not quiet. Only of loads
 * that the point has measured; figures that are no gates are listed where missing requests are the reason.
 */
function gapsOf(
  points: readonly SeriesPoint[],
  segment: number,
  { gates = DEFAULT_GATES }: TrendOptions,
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

function validCells({ cells }: Comparison) {
  return namedCells(cells).filter(({ invalid }) => invalid.length === 0);
}

/** Two cells of one name differ in what their name does not say. */
function namedCells(cells: Comparison["cells"]) {
  const seen = new Map<string, number>();
  return cells.map((of) => {
    const count = (seen.get(of.name) ?? 0) + 1;
    seen.set(of.name, count);
    return { ...of, cell: count === 1 ? of.name : `${of.name} (${count})` };
  });
}

function placeOf(name: string, { id, startedAt, labels, head }: Comparison) {
  const commit = head.labels.commit ?? labels.commit ?? null;
  return { night: name, startedAt, commit, comparisonId: id };
}

/** Counts that must be 0 have no level: one in the newest head and none in its reference is an alarm. */
function neverIn({ comparison: { cells } }: SeriesPoint): string[] {
  return cells.flatMap(({ metrics }) =>
    metrics
      .filter(({ unit, isGate, verdict }) => unit === "count" && isGate && verdict === "slower")
      .map(({ metric, head }) => `${metric} is ${head} in the newest point`),
  );
}

function verdictOf(
  segments: readonly TrendSegment[],
  series: readonly TrendSeries[],
  gaps: readonly TrendGap[],
  never: readonly string[],
) {
  const alarms = series.filter(({ alarm }) => alarm !== null);
  if (alarms.length + never.length > 0) {
    const isOnlyLoad = new Set(series.map(({ cell }) => cell)).size === 1;
    const reasons = alarms.map((each) => {
      return isOnlyLoad ? alarmSentence(each) : `${each.cell}: ${alarmSentence(each)}`;
    });
    return { kind: "alarm" as const, reasons: [...never, ...reasons] };
  }
  const { nights: points } = segments.find(({ isNewest }) => isNewest)!;
  if (points < LEAST_POINTS) {
    const reason = `${points} ${points === 1 ? "point" : "points"} of this host and reference; ${LEAST_POINTS} are needed to tell a change from chance`;
    return { kind: "too-few" as const, reasons: [reason] };
  }
  const open = gaps.filter(
    ({ segment, isGate, isNewest }) => isGate && isNewest && segments[segment]!.isNewest,
  );
  if (open.length > 0) {
    const isOnlyLoad = new Set(series.map(({ cell }) => cell)).size === 1;
    const reasons = open.map((gap) => {
      const what =
        gap.reason ?? `the newest point has no ${METRIC_WORDS[gap.metric]} of ${gap.operation}`;
      return isOnlyLoad ? what : `${gap.cell}: ${what}`;
    });
    return { kind: "undecided" as const, reasons };
  }
  return { kind: "quiet" as const, reasons: [] };
}

/** `put p99 is 12.3% above its best level since 2026-08-01 (4f2a9c1)`. */
function alarmSentence({ operation, metric, alarm, points }: TrendSeries): string {
  const { effect, at } = alarm!;
  const percent = Math.abs((effect - 1) * 100).toFixed(1);
  const { night: name, commit } = points[at]!;
  const since = commit === null ? name : `${name} (${commit})`;
  return `${operation} ${metric} is ${percent}% ${effect > 1 ? "above" : "below"} its best level since ${since}`;
}

/** `8 points without p99 of put, 2026-10-13, ... (6 more), 2026-10-20: p99 of put is not known for ...`. */
function gapNote({ cell, operation, metric, nights, reason }: TrendGap, all: readonly TrendGap[]) {
  const load = new Set(all.map((gap) => gap.cell)).size > 1 ? `${cell}: ` : "";
  const why = reason === null ? "" : `: ${reason}`;
  return `${load}${formatNoun(nights.length, "point")} without ${METRIC_WORDS[metric]} of ${operation}, ${fewOf(nights)}${why}.`;
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
