/**
 * Owns `--output sample`, and `--sample` below the table: a row a second in the columns of etcd's
 * own tool, whose latencies are service times. Where it prints durations with units under headers
 * that say milliseconds, these are numbers of milliseconds. One more column tells of compactions and
 * the like, where there were any.
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
}

/** From the first second to the last; one without an interval has no requests, as upstream. */
function rowsOf(result: RunResult, { intervals }: OperationResult): string[] {
  const firstUnixSecond = Math.floor(Date.parse(result.measuredAt ?? result.startedAt) / 1000);
  const seconds: (Second | undefined)[] = [];
  for (const interval of intervals) {
    const at = Math.floor(interval.startSeconds + LATENESS_SECONDS);
    seconds[at] = added(seconds[at], interval);
  }
  const { moments } = result;
  return Array.from(seconds, (second, at) => {
    const figures = row(firstUnixSecond + at, second);
    return moments.length === 0
      ? figures
      : `${figures},${momentsWithin(moments, at, at + 1).join("; ")}`;
  });
}

function added(second: Second | undefined, interval: Interval): Second {
  const { succeeded, minMs, meanMs, maxMs } = interval;
  const sumMs = (meanMs ?? 0) * succeeded;
  if (second === undefined) return { succeeded, minMs, maxMs, sumMs };
  return {
    succeeded: second.succeeded + succeeded,
    minMs: extreme(Math.min, second.minMs, minMs),
    maxMs: extreme(Math.max, second.maxMs, maxMs),
    sumMs: second.sumMs + sumMs,
  };
}

function extreme(
  pick: (a: number, b: number) => number,
  a: number | null,
  b: number | null,
): number | null {
  return a === null || b === null ? (a ?? b) : pick(a, b);
}

function row(unixSecond: number, second: Second | undefined): string {
  if (second === undefined) return `${unixSecond},,,,0`;
  const { succeeded, minMs, maxMs, sumMs } = second;
  const meanMs = succeeded === 0 ? null : sumMs / succeeded;
  const latencies = [minMs, meanMs, maxMs].map((ms) => (ms === null ? "" : ms.toFixed(6)));
  return [unixSecond, ...latencies, succeeded].join(",");
}
