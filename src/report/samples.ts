/**
 * Owns `--output sample`, and `--sample` below the table: a row a second in the columns of etcd's
 * own tool, whose latencies are service times. Where it prints durations with units under headers
 * that say milliseconds, these are numbers of milliseconds. One more column tells of compactions and
 * the like, where there were any. An interval of several seconds has one row, with its mean rate, and
 * the seconds behind its first have none.
 */
import { momentsWithin } from "../result/moments.ts";
import type { Interval, OperationResult, RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import type { ReportFormat } from "./format.ts";

const HEADER = "UNIX-SECOND,MIN-LATENCY-MS,AVG-LATENCY-MS,MAX-LATENCY-MS,AVG-THROUGHPUT";
/** How late the end of an interval may be told without its next one moving into another second. */
const LATENESS_SECONDS = 0.1;

export const sampleFormat: ReportFormat = {
  name: "sample",
  render: (results) => renderSamples(shownInFull(results)),
};

/** A table for each operation, named where there is more than one. */
export function renderSamples(results: readonly RunResult[]): string {
  const series = results.flatMap((result) =>
    result.operations.map((operation) => ({ result, operation })),
  );
  return series
    .map(({ result, operation }) => {
      const name = series.length > 1 ? [`# ${result.id} ${operation.name}`] : [];
      const header = result.moments.length > 0 ? `${HEADER},MOMENTS` : HEADER;
      return `${[...name, header, ...rowsOf(result, operation)].join("\n")}\n`;
    })
    .join("\n");
}

interface Second {
  succeeded: number;
  minMs: number | null;
  maxMs: number | null;
  sumMs: number;
  /** The first one that is not in the row any more. */
  end: number;
}

/** From the first second to the last; one without an interval has no requests, as upstream. */
function rowsOf(result: RunResult, { intervals }: OperationResult): string[] {
  const firstUnixSecond = Math.floor(Date.parse(result.measuredAt ?? result.startedAt) / 1000);
  const seconds: (Second | undefined)[] = [];
  for (const interval of intervals) {
    const at = secondAt(interval.startSeconds);
    const end = Math.max(at + 1, secondAt(interval.startSeconds + interval.durationSeconds));
    seconds[at] = added(seconds[at], interval, end);
  }
  const { moments } = result;
  const rows: string[] = [];
  for (let at = 0; at < seconds.length; ) {
    const second = seconds[at];
    const end = second?.end ?? at + 1;
    const figures = row(firstUnixSecond + at, second, end - at);
    const named = moments.length === 0 ? "" : `,${momentsWithin(moments, at, end).join("; ")}`;
    rows.push(figures + named);
    at = end;
  }
  return rows;
}

function secondAt(seconds: number): number {
  return Math.floor(seconds + LATENESS_SECONDS);
}

function added(second: Second | undefined, interval: Interval, end: number): Second {
  const { succeeded, minMs, meanMs, maxMs } = interval;
  const sumMs = (meanMs ?? 0) * succeeded;
  if (second === undefined) return { succeeded, minMs, maxMs, sumMs, end };
  return {
    succeeded: second.succeeded + succeeded,
    minMs: extreme(Math.min, second.minMs, minMs),
    maxMs: extreme(Math.max, second.maxMs, maxMs),
    sumMs: second.sumMs + sumMs,
    end: Math.max(second.end, end),
  };
}

function extreme(
  pick: (a: number, b: number) => number,
  a: number | null,
  b: number | null,
): number | null {
  return a === null || b === null ? (a ?? b) : pick(a, b);
}

function row(unixSecond: number, second: Second | undefined, seconds: number): string {
  if (second === undefined) return `${unixSecond},,,,0`;
  const { succeeded, minMs, maxMs, sumMs } = second;
  const meanMs = succeeded === 0 ? null : sumMs / succeeded;
  const latencies = [minMs, meanMs, maxMs].map((ms) => (ms === null ? "" : ms.toFixed(6)));
  return [unixSecond, ...latencies, Math.round(succeeded / seconds)].join(",");
}
