/**
 * Makes the rows of a run over its time: what its clients saw and what its members' metrics reported,
 * with neighbours combined where a chart has no room for all.
 */
import { judgedClock } from "../../result/judged-latency.ts";
import type { Interval, OperationResult, RunResult, ServerSamples } from "../../result/schema.ts";
import { median } from "../../stats/median.ts";

export interface OperationSeries {
  operation: OperationResult;
  /** A value for each row of the timeline; null where the operation had no interval in it. */
  perSec: (number | null)[];
  failed: (number | null)[];
  /** The largest of the row's intervals, by the clock that the run is judged by. */
  p50Ms: Latencies;
  p99Ms: Latencies;
  maxMs: Latencies;
}

export interface Latencies {
  values: (number | null)[];
  /** Whether the value is only the least that it can be, since requests have no latency. */
  isLeast: boolean[];
}

export interface MemberFigures {
  member: string;
  isLeader: boolean;
  /** The largest of the row, the mean, the largest. */
  rssBytes: (number | null)[];
  cpuPercent: (number | null)[];
  walFsyncP99Ms: (number | null)[];
  /** Whether readings before the first one of the row failed, so that nothing is known of that time. */
  isAfterSilence: boolean[];
}

export interface Timeline {
  /** When each row begins, since the start of the measured phase, and how long it is. */
  rows: { startSeconds: number; durationSeconds: number }[];
  /** Most intervals that were put together in a row. */
  intervalsPerRow: number;
  endSeconds: number;
  operations: OperationSeries[];
  members: MemberFigures[];
}

/** No rows where the result has no intervals. */
export function timelineOf({ operations, server, target }: RunResult, mostRows: number): Timeline {
  const starts = [...new Set(operations.flatMap(({ intervals }) => intervals.map(startOf)))].sort(
    (a, b) => a - b,
  );
  const perRow = Math.max(1, Math.ceil(starts.length / mostRows));
  const rowsOfStarts = starts.map((_, at) => Math.floor(at / perRow));
  // Results of older versions end with whatever was left of a second, which has no rate of its own.
  if (starts.length > 2 && endsWithPiece(operations, starts)) {
    rowsOfStarts[starts.length - 1] = rowsOfStarts.at(-2)!;
  }
  const rowOfStart = new Map(starts.map((start, at) => [start, rowsOfStarts[at]!]));
  const intervalsOf = (intervals: readonly Interval[]) => {
    const rows = Array.from({ length: (rowsOfStarts.at(-1) ?? -1) + 1 }, (): Interval[] => []);
    for (const interval of intervals) rows[rowOfStart.get(startOf(interval))!]!.push(interval);
    return rows;
  };
  const rows = intervalsOf(operations.flatMap(({ intervals }) => intervals)).map((intervals) => {
    const startSeconds = Math.min(...intervals.map((each) => each.startSeconds));
    const end = Math.max(...intervals.map((each) => each.startSeconds + each.durationSeconds));
    return { startSeconds, durationSeconds: end - startSeconds };
  });
  return {
    rows,
    intervalsPerRow: perRow,
    endSeconds: Math.max(0, ...rows.map((row) => row.startSeconds + row.durationSeconds)),
    operations: operations.map((operation) => operationSeries(operation, intervalsOf)),
    members: server.flatMap(({ member, endpoint, samples }) => {
      if (samples === null) return [];
      const known = target.members.find((each) => each.endpoint === endpoint);
      const name = member || endpoint;
      return [{ member: name, isLeader: known?.isLeader ?? false, ...figuresOf(samples, rows) }];
    }),
  };
}

/** Whether the newest interval of what was measured last is shorter than half of the one before it. */
function endsWithPiece(operations: readonly OperationResult[], starts: readonly number[]): boolean {
  const [before, last] = starts.slice(-2);
  const measuredLast = operations
    .map(({ intervals }) => intervals.slice(-2))
    .filter((ends) => ends.length > 0 && startOf(ends.at(-1)!) === last);
  return measuredLast.every(([first, end]) => {
    if (first === undefined || end === undefined || startOf(first) !== before) return false;
    return end.durationSeconds < first.durationSeconds / 2;
  });
}

const RESPONSE_FIELDS = {
  p50Ms: "responseP50Ms",
  p99Ms: "responseP99Ms",
  maxMs: "responseMaxMs",
} as const;

function startOf({ startSeconds }: Interval): number {
  return Math.round(startSeconds * 1000) / 1000;
}

function operationSeries(
  operation: OperationResult,
  rowsOf: (intervals: readonly Interval[]) => Interval[][],
): OperationSeries {
  const rows = rowsOf(operation.intervals);
  const clock = judgedClock(operation);
  const latencies = (figure: "p50Ms" | "p99Ms" | "maxMs"): Latencies => {
    const field = clock === "service" ? figure : RESPONSE_FIELDS[figure];
    const leastOf = (each: Interval) => (each[field] == null ? each.atLeast?.[field] : undefined);
    return {
      values: rows.map((all) => largest(all.map((each) => each[field] ?? leastOf(each) ?? null))),
      isLeast: rows.map((all) => all.some((each) => leastOf(each) !== undefined)),
    };
  };
  const total = (intervals: readonly Interval[], of: (interval: Interval) => number) =>
    intervals.length === 0 ? null : intervals.reduce((sum, each) => sum + of(each), 0);
  return {
    operation,
    perSec: rows.map((intervals) => {
      const seconds = total(intervals, (each) => each.durationSeconds);
      return seconds === null || seconds <= 0
        ? null
        : total(intervals, (each) => each.succeeded)! / seconds;
    }),
    failed: rows.map((intervals) => total(intervals, (each) => each.failed)),
    p50Ms: latencies("p50Ms"),
    p99Ms: latencies("p99Ms"),
    maxMs: latencies("maxMs"),
  };
}

/** A reading belongs to the row that it was taken in; what came in late to the last one. */
function figuresOf(
  { atSeconds, rssBytes, cpuPercent, walFsyncP99Ms }: ServerSamples,
  rows: Timeline["rows"],
): Omit<MemberFigures, "member" | "isLeader"> {
  const readings = rows.map((): number[] => []);
  const isAfterWait = isAfterLongWait(atSeconds);
  for (const [at, seconds] of atSeconds.entries()) {
    const row = rows.findLastIndex(({ startSeconds }) => startSeconds < seconds);
    if (row >= 0) readings[row]!.push(at);
  }
  const of = (
    column: readonly (number | null)[],
    combine: (values: (number | null)[]) => number | null,
  ) => readings.map((indices) => combine(indices.map((at) => column[at] ?? null)));
  return {
    rssBytes: of(rssBytes, largest),
    cpuPercent: of(cpuPercent, mean),
    walFsyncP99Ms: of(walFsyncP99Ms, largest),
    isAfterSilence: readings.map(([first = 0]) => isAfterWait(first)),
  };
}

/** In times between two readings: where it is longer, one has failed between them. */
const LONG = 1.75;

function isAfterLongWait(atSeconds: readonly number[]): (reading: number) => boolean {
  const waits = atSeconds.slice(1).map((seconds, at) => seconds - atSeconds[at]!);
  const usual = median(waits);
  return (reading) => reading > 0 && waits[reading - 1]! >= LONG * usual;
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

export interface Phase {
  name: string;
  startSeconds: number;
  endSeconds: number;
}

/** Stretches of time in which the same operations went on; none where all went on all the time. */
export function phasesOf({ rows, operations }: Timeline): Phase[] {
  const phases: Phase[] = [];
  for (const [at, { startSeconds, durationSeconds }] of rows.entries()) {
    const active = operations.filter(({ perSec }) => perSec[at] !== null);
    const name = active.map(({ operation }) => operation.name).join(", ");
    const endSeconds = startSeconds + durationSeconds;
    const last = phases.at(-1);
    if (last !== undefined && last.name === name) last.endSeconds = endSeconds;
    else phases.push({ name, startSeconds, endSeconds });
  }
  return new Set(phases.map(({ name }) => name)).size > 1 ? phases : [];
}
