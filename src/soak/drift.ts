/**
 * Finds the figures of a soak that drift: memory, open files, database size, p99 and the share of failed
 * requests, of the client and of each member, that rise all along and by more than matters.
 */
import { judgedLatency } from "../result/judged-latency.ts";
import { holm } from "../stats/adjusted-p-values.ts";
import { carriesPercentile } from "../stats/latency.ts";
import { median } from "../stats/median.ts";
import { monotoneTrend, type TrendPoint } from "../stats/monotone-trend.ts";
import type { Drift, DriftOutcome, DriftUnit } from "./report-schema.ts";
import type { SoakRow, SoakRowSeries } from "./row-schema.ts";

/** Of each segment, from its beginning: caches fill and heaps find their size. */
const SETTLING_SHARE = 0.2;
/** With fewer the test has no say. */
export const LEAST_ROWS = 10;
/** Of all figures of a soak together, how often one that does not drift is said to. */
const ALPHA = 0.01;
/** What still rises rises in the second half too, by at least so much of the slope of the whole. */
const LATER_SHARE = 0.25;
/** All pairs of rows are compared; more rows than these are averaged in neighbours first. */
const MOST_POINTS = 400;
/** With more rows of which only a lower bound is known, nothing shows that a figure does not rise. */
const FEW_SHARE = 0.1;
/** Times the largest bound: where a figure without an upper bound is put. */
const BEYOND_ALL = 10;
const MS_PER_HOUR = 3_600_000;

/** What of a rise matters: a share of the figure, and never less than so much. */
interface Least {
  share: number;
  amount: number;
}

const LEAST: Record<"memory" | "files" | "database" | "latency" | "failures", Least> = {
  memory: { share: 0.1, amount: 8e6 },
  files: { share: 0.05, amount: 5 },
  database: { share: 0.1, amount: 16e6 },
  latency: { share: 0.25, amount: 0.5 },
  // Percentage points.
  failures: { share: 0.25, amount: 0.5 },
};

type ProcessFigures = SoakRow["client"];

interface Tracked {
  subject: string;
  figure: string;
  unit: DriftUnit;
  least: Least;
  of(row: SoakRow): number | null;
  /** Of a row that `of` has null for; null where missing requests are not the reason. Absent: always. */
  bounds?(row: SoakRow): Bounds | null;
}

/** Of a figure that requests without a latency could change. */
interface Bounds {
  low: number;
  /** Infinite where nothing bounds it. */
  high: number;
  why: string;
}

export function driftsOf(all: readonly SoakRow[]): Drift[] {
  // A soak ends within a row, whose figures are of too little.
  const typicalSeconds = median(all.map(({ durationSeconds }) => durationSeconds));
  const rows = all.filter(({ durationSeconds }) => durationSeconds >= typicalSeconds / 2);
  const judged = trackedOf(rows).map((tracked) => judge(tracked, rows));
  const tested = judged.filter(({ drift }) => drift.pValue !== null);
  const adjusted = holm(tested.map(({ drift }) => drift.pValue!));
  for (const [at, { drift, isLasting, canDrift }] of tested.entries()) {
    drift.pValue = adjusted[at]!;
    drift.outcome = outcomeOf(drift, isLasting);
    if (drift.boundedRows === 0 || drift.outcome === "drifting") continue;
    if (canDrift) drift.outcome = "unknown";
    // What they were without the missing requests is not known, and the bounds were taken against a rise.
    Object.assign(drift, { perHour: null, rise: null, riseShare: null, pValue: null, least: null });
  }
  return judged.map(({ drift }) => drift);
}

function trackedOf(rows: readonly SoakRow[]): Tracked[] {
  const series = namesOf(rows, (row) =>
    row.series.filter(({ succeeded, failed }) => succeeded + failed > 0),
  );
  const members = namesOf(rows, (row) => row.members);
  return [
    ...series.flatMap((name): Tracked[] => {
      const of = (row: SoakRow) => row.series.find((each) => each.name === name);
      const isPaced = rows.some((row) => of(row)?.responseTime != null);
      const latencyAt = (field: "p99Ms" | "p50Ms") => (row: SoakRow) => {
        const found = of(row);
        return found === undefined ? null : judgedLatency(found)[field];
      };
      const boundsAt = (field: "p99Ms" | "p50Ms") => (row: SoakRow) => {
        const found = of(row);
        return found === undefined ? null : boundsOf(found, field);
      };
      // Rows of few requests carry no p99.
      const withP99 = rows.filter((row) => {
        return latencyAt("p99Ms")(row) !== null || boundsAt("p99Ms")(row) !== null;
      }).length;
      const field = withP99 >= rows.length / 2 ? "p99Ms" : "p50Ms";
      const latency: Tracked = {
        subject: name,
        figure: `${field === "p99Ms" ? "p99" : "p50"} of the ${isPaced ? "response" : "service"} time`,
        unit: "ms",
        least: LEAST.latency,
        of: latencyAt(field),
        bounds: boundsAt(field),
      };
      if (rows.every((row) => (of(row)?.failed ?? 0) === 0)) return [latency];
      const failures: Tracked = {
        ...{ subject: name, figure: "failed share", unit: "percent", least: LEAST.failures },
        of: (row) => {
          const { succeeded, failed } = of(row) ?? { succeeded: 0, failed: 0 };
          return succeeded + failed === 0 ? null : (100 * failed) / (succeeded + failed);
        },
      };
      return [latency, failures];
    }),
    // Those of a load that agents sent are not known.
    ...(rows.some(({ client }) => client.rssBytes !== null)
      ? processFigures("client", ({ client }) => client)
      : []),
    ...members.flatMap((name): Tracked[] => {
      const of = (row: SoakRow) => row.members.find((each) => each.name === name);
      const ms = (figure: string, key: "walFsyncP99Ms" | "backendCommitP99Ms"): Tracked => ({
        ...{ subject: name, figure, unit: "ms", least: LEAST.latency },
        of: (row) => of(row)?.[key] ?? null,
      });
      return [
        ...processFigures(name, of),
        {
          ...{ subject: name, figure: "db size", unit: "bytes", least: LEAST.database },
          of: (row) => of(row)?.dbSizeBytes ?? null,
        },
        ms("p99 of WAL fsync", "walFsyncP99Ms"),
        ms("p99 of backend commit", "backendCommitP99Ms"),
      ];
    }),
  ];
}

/** Null where not the missing requests make the percentile unknown: the row has too few requests. */
function boundsOf(series: SoakRowSeries, field: "p99Ms" | "p50Ms"): Bounds | null {
  const { count, missing, atLeast, atMost } = judgedLatency(series);
  if (missing === null) return null;
  const [all, percentile] = [count + missing.count, field === "p99Ms" ? 99 : 50];
  const couldChange = missing.count > (1 - percentile / 100) * all;
  if (!couldChange && !carriesPercentile(all, percentile)) return null;
  return {
    low: atLeast?.[field] ?? 0,
    high: atMost?.[field] ?? Number.POSITIVE_INFINITY,
    why: series.failed > 0 ? "requests failed" : "requests were not sent in time",
  };
}

/** Of a process, the client's or a member's. */
function processFigures(
  subject: string,
  of: (row: SoakRow) => ProcessFigures | undefined,
): Tracked[] {
  return [
    {
      ...{ subject, figure: "RSS", unit: "bytes", least: LEAST.memory },
      of: (row) => of(row)?.rssBytes ?? null,
    },
    {
      ...{ subject, figure: "open files", unit: "files", least: LEAST.files },
      of: (row) => of(row)?.openFiles ?? null,
    },
  ];
}

function namesOf(
  rows: readonly SoakRow[],
  of: (row: SoakRow) => readonly { name: string }[],
): string[] {
  return [...new Set(rows.flatMap((row) => of(row).map(({ name }) => name)))];
}

interface Judged {
  /** Its p-value is not adjusted yet. */
  drift: Drift;
  /** It rises or falls in its second half as well. */
  isLasting: boolean;
  /** It drifts if each missing request took as long as makes it rise. */
  canDrift: boolean;
}

function judge(tracked: Tracked, rows: readonly SoakRow[]): Judged {
  const { subject, figure, unit } = tracked;
  const segments = segmentsOf(rows).map((segment) => settled(pointsOf(segment, tracked)));
  const points = segments.flat();
  const reasons = new Set(points.flatMap(({ why }) => why ?? []));
  const drift: Drift = {
    ...{ subject, figure, unit, rows: points.length, median: null, perHour: null, rise: null },
    boundedRows: points.filter(({ why }) => why !== null).length,
    boundedBy: reasons.size === 0 ? null : [...reasons].join(", "),
    ...{ riseShare: null, pValue: null, least: null, outcome: "too-few" },
  };
  if (points.length === 0) return { drift, isLasting: false, canDrift: false };
  const isBounded = drift.boundedRows > 0;
  const [against, towards] = [valuesOf(segments, "against"), valuesOf(segments, "towards")];
  const isLasting = measure(drift, tracked, against);
  if (!isBounded) return { drift, isLasting, canDrift: false };
  const most = { ...drift };
  const isMostLasting = measure(most, tracked, towards);
  drift.median = median(points.map(({ low }) => low));
  drift.riseShare = null;
  const isMany =
    points.filter(({ high }) => high === Number.POSITIVE_INFINITY).length >
    points.length * FEW_SHARE;
  const canDrift =
    isMany || (most.pValue !== null && outcomeOf(most, isMostLasting) === "drifting");
  return { drift, isLasting, canDrift };
}

/** Fills in the figures of the drift, and returns whether it lasts. */
function measure(drift: Drift, { least }: Tracked, segments: readonly TrendPoint[][]): boolean {
  const groups = segments.map(thinned);
  const values = groups.flat().map(({ value }) => value);
  drift.median = median(values);
  const trend = values.length < LEAST_ROWS ? null : monotoneTrend(groups);
  if (trend === null) return false;
  const hours = groups.reduce((sum, points) => sum + spanOf(points), 0);
  const rise = trend.slope * hours;
  drift.perHour = trend.slope;
  drift.rise = rise;
  drift.riseShare = drift.median === 0 ? null : rise / Math.abs(drift.median);
  drift.pValue = trend.pValue;
  drift.least = Math.max(least.amount, least.share * Math.abs(drift.median));
  const later = monotoneTrend(groups.map((points) => points.slice(points.length >> 1)));
  return later !== null && later.slope / trend.slope >= LATER_SHARE;
}

/**
 * With the bounded rows where they make the least of a rise, or the most. Against a rise those that more
 * known rows precede than follow are at their lower bounds, and all others as high as they may be.
 */
function valuesOf(
  segments: readonly (readonly BoundedPoint[])[],
  what: "against" | "towards",
): TrendPoint[][] {
  const finite = segments.flat().flatMap(({ low, high }) => [low, high].filter(Number.isFinite));
  const beyondAll = BEYOND_ALL * Math.max(...finite);
  return segments.map((points) => {
    const known = points.filter(({ why }) => why === null).length;
    let before = 0;
    return points.map(({ at, low, high, why }, index) => {
      if (why === null) before += 1;
      const isEarly = before <= known - before && (known > 0 || index < points.length / 2);
      if (isEarly !== (what === "against")) return { at, value: low };
      const most = what === "against" ? beyondAll : (beyondAll * (index + 1)) / points.length;
      return { at, value: Math.max(low, Math.min(high, most)) };
    });
  });
}

function outcomeOf({ pValue, rise, least }: Drift, isLasting: boolean): DriftOutcome {
  if (pValue! >= ALPHA || Math.abs(rise!) < least!) return "steady";
  if (rise! < 0) return "falling";
  return isLasting ? "drifting" : "settling";
}

function segmentsOf(rows: readonly SoakRow[]): SoakRow[][] {
  const bySegment = new Map<number, SoakRow[]>();
  for (const row of rows) bySegment.set(row.segment, [...(bySegment.get(row.segment) ?? []), row]);
  return [...bySegment.values()];
}

interface BoundedPoint {
  at: number;
  /** The same as `high` where the figure is known. */
  low: number;
  high: number;
  /** Null where it is known. */
  why: string | null;
}

/** By hours of the segment, at the middle of each row. */
function pointsOf(rows: readonly SoakRow[], { of, bounds }: Tracked): BoundedPoint[] {
  return rows.flatMap((row) => {
    const value = of(row);
    const known = value === null ? bounds?.(row) : { low: value, high: value, why: null };
    const middleMs = (row.atSeconds + row.durationSeconds / 2) * 1000;
    return known == null ? [] : [{ at: middleMs / MS_PER_HOUR, ...known }];
  });
}

function settled(points: readonly BoundedPoint[]): BoundedPoint[] {
  return points.slice(Math.max(1, Math.ceil(points.length * SETTLING_SHARE)));
}

function thinned(points: readonly TrendPoint[]): TrendPoint[] {
  const each = Math.ceil(points.length / MOST_POINTS);
  if (each <= 1) return [...points];
  const means: TrendPoint[] = [];
  for (let from = 0; from < points.length; from += each) {
    const part = points.slice(from, from + each);
    const mean = (of: (point: TrendPoint) => number) =>
      part.reduce((sum, point) => sum + of(point), 0) / part.length;
    means.push({ at: mean(({ at }) => at), value: mean(({ value }) => value) });
  }
  return means;
}

function spanOf(points: readonly TrendPoint[]): number {
  return points.length < 2 ? 0 : points.at(-1)!.at - points[0]!.at;
}
