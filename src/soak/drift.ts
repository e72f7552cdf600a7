/**
 * Finds the figures of a soak that drift: memory, open files, database size and p99 of the client and of
 * each member, that rise all along and by more than matters.
 */
import { judgedLatency } from "../result/judged-latency.ts";
import { holm } from "../stats/adjusted-p-values.ts";
import { median } from "../stats/median.ts";
import { monotoneTrend, type TrendPoint } from "../stats/monotone-trend.ts";
import type { Drift, DriftOutcome, DriftUnit } from "./report-schema.ts";
import type { SoakRow } from "./row-schema.ts";

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
const MS_PER_HOUR = 3_600_000;

/** What of a rise matters: a share of the figure, and never less than so much. */
interface Least {
  share: number;
  amount: number;
}

const LEAST: Record<"memory" | "files" | "database" | "latency", Least> = {
  memory: { share: 0.1, amount: 8e6 },
  files: { share: 0.05, amount: 5 },
  database: { share: 0.1, amount: 16e6 },
  latency: { share: 0.25, amount: 0.5 },
};

type ProcessFigures = SoakRow["client"];

interface Tracked {
  subject: string;
  figure: string;
  unit: DriftUnit;
  least: Least;
  of(row: SoakRow): number | null;
}

export function driftsOf(all: readonly SoakRow[]): Drift[] {
  // A soak ends within a row, whose figures are of too little.
  const typicalSeconds = median(all.map(({ durationSeconds }) => durationSeconds));
  const rows = all.filter(({ durationSeconds }) => durationSeconds >= typicalSeconds / 2);
  const judged = trackedOf(rows).map((tracked) => judge(tracked, rows));
  const tested = judged.filter(({ drift }) => drift.pValue !== null);
  const adjusted = holm(tested.map(({ drift }) => drift.pValue!));
  for (const [at, { drift, isLasting }] of tested.entries()) {
    drift.pValue = adjusted[at]!;
    drift.outcome = outcomeOf(drift, isLasting);
  }
  return judged.map(({ drift }) => drift);
}

function trackedOf(rows: readonly SoakRow[]): Tracked[] {
  const series = namesOf(rows, (row) => row.series.filter(({ succeeded }) => succeeded > 0));
  const members = namesOf(rows, (row) => row.members);
  return [
    ...series.map((name): Tracked => {
      const of = (row: SoakRow) => row.series.find((each) => each.name === name);
      const isPaced = rows.some((row) => of(row)?.responseTime != null);
      const latencyAt = (field: "p99Ms" | "p50Ms") => (row: SoakRow) => {
        const found = of(row);
        return found === undefined ? null : judgedLatency(found)[field];
      };
      // Rows of few requests carry no p99.
      const withP99 = rows.filter((row) => latencyAt("p99Ms")(row) !== null).length;
      const field = withP99 >= rows.length / 2 ? "p99Ms" : "p50Ms";
      return {
        subject: name,
        figure: `${field === "p99Ms" ? "p99" : "p50"} of the ${isPaced ? "response" : "service"} time`,
        unit: "ms",
        least: LEAST.latency,
        of: latencyAt(field),
      };
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

/** The p-value is not adjusted yet. `isLasting`: it rises or falls in its second half as well. */
function judge(
  { subject, figure, unit, least, of }: Tracked,
  rows: readonly SoakRow[],
): { drift: Drift; isLasting: boolean } {
  const groups = segmentsOf(rows).map((segment) => thinned(settled(pointsOf(segment, of))));
  const values = groups.flat().map(({ value }) => value);
  const drift: Drift = {
    ...{ subject, figure, unit, rows: values.length, median: null, perHour: null, rise: null },
    ...{ riseShare: null, pValue: null, least: null, outcome: "too-few" },
  };
  if (values.length === 0) return { drift, isLasting: false };
  drift.median = median(values);
  const trend = values.length < LEAST_ROWS ? null : monotoneTrend(groups);
  if (trend === null) return { drift, isLasting: false };
  const hours = groups.reduce((sum, points) => sum + spanOf(points), 0);
  const rise = trend.slope * hours;
  drift.perHour = trend.slope;
  drift.rise = rise;
  drift.riseShare = drift.median === 0 ? null : rise / Math.abs(drift.median);
  drift.pValue = trend.pValue;
  drift.least = Math.max(least.amount, least.share * Math.abs(drift.median));
  const later = monotoneTrend(groups.map((points) => points.slice(points.length >> 1)));
  const isLasting = later !== null && later.slope / trend.slope >= LATER_SHARE;
  return { drift, isLasting };
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

/** By hours of the segment, at the middle of each row. */
function pointsOf(rows: readonly SoakRow[], of: Tracked["of"]): TrendPoint[] {
  return rows.flatMap((row) => {
    const value = of(row);
    const middleMs = (row.atSeconds + row.durationSeconds / 2) * 1000;
    return value === null ? [] : [{ at: middleMs / MS_PER_HOUR, value }];
  });
}

function settled(points: readonly TrendPoint[]): TrendPoint[] {
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
