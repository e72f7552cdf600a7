/**
 * Owns a run second by second: what its clients saw and what its members' metrics said, in rows of one
 * time each, with neighbours put together where a chart has no room for all.
 */
import type { Interval, OperationResult, RunResult, ServerSamples } from "../../result/schema.ts";

export interface OperationSeries {
  operation: OperationResult;
  /** A value for each row of the timeline; null where the operation had no interval in it. */
  perSec: (number | null)[];
  failed: (number | null)[];
  /** The largest p99 of the row's intervals: from the due moment where there is a schedule. */
  p99Ms: (number | null)[];
  /** Of the service time. */
  maxMs: (number | null)[];
}

export interface MemberFigures {
  member: string;
  isLeader: boolean;
  /** The largest of the row, the mean, the largest. */
  rssBytes: (number | null)[];
  cpuPercent: (number | null)[];
  walFsyncP99Ms: (number | null)[];
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
  const rowOfStart = new Map(starts.map((start, at) => [start, Math.floor(at / perRow)]));
  const intervalsOf = (intervals: readonly Interval[]) => {
    const rows = Array.from({ length: Math.ceil(starts.length / perRow) }, (): Interval[] => []);
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

function startOf({ startSeconds }: Interval): number {
  return Math.round(startSeconds * 1000) / 1000;
}

function operationSeries(
  operation: OperationResult,
  rowsOf: (intervals: readonly Interval[]) => Interval[][],
): OperationSeries {
  const rows = rowsOf(operation.intervals);
  const isPaced = operation.responseTime !== null;
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
    p99Ms: rows.map((intervals) =>
      largest(intervals.map((each) => (isPaced ? each.responseP99Ms : each.p99Ms))),
    ),
    maxMs: rows.map((intervals) => largest(intervals.map(({ maxMs }) => maxMs))),
  };
}

/** A reading belongs to the row that it was taken in; what came in late to the last one. */
function figuresOf(
  { atSeconds, rssBytes, cpuPercent, walFsyncP99Ms }: ServerSamples,
  rows: Timeline["rows"],
): Omit<MemberFigures, "member" | "isLeader"> {
  const readings = rows.map((): number[] => []);
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
  };
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
