/**
 * Renders `--output sample`, and `--sample` below the table: a row a second in the columns of etcd's
 * own tool. Latencies are of the clock that the run is judged by: service time in a closed loop, as
 * upstream's; response time of a paced run, which a line before the table says. Where upstream prints
 * durations with units under headers that say milliseconds, these are numbers of milliseconds. One
 * more column names the events of a run that had any. An interval of several seconds
 * has one row, with its mean rate, and the other seconds of it have none.
 */
import { type Clock, judgedClock } from "../result/judged-latency.ts";
import type { Interval, OperationResult, RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { csvField, csvText } from "./csv-field.ts";
import { eventsWithin } from "./events-within.ts";
import type { ReportFormat } from "./format.ts";

const HEADER = "UNIX-SECOND,MIN-LATENCY-MS,AVG-LATENCY-MS,MAX-LATENCY-MS,AVG-THROUGHPUT";
/** How late the end of an interval may be told without its next one moving into another second. */
const LATENESS_SECONDS = 0.1;

export const sampleFormat: ReportFormat = {
  name: "sample",
  render: (results) => renderSamples(shownInFull(results)),
};

/** A table for each operation, named where there is more than one, and where its clock is not upstream's. */
export function renderSamples(results: readonly RunResult[]): string {
  const series = results.flatMap((result) =>
    result.operations.map((operation) => ({ result, operation })),
  );
  return series
    .map(({ result, operation }) => {
      const isPaced = judgedClock(operation) === "response";
      const name =
        series.length > 1 || isPaced
          ? [`# ${result.id} ${operation.name}${isPaced ? " response time" : ""}`]
          : [];
      const header = result.moments.length > 0 ? `${HEADER},EVENTS` : HEADER;
      return `${[...name, header, ...rowsOf(result, operation)].join("\n")}\n`;
    })
    .join("\n");
}

interface Second {
  succeeded: number;
  /** How long its intervals are together. */
  measuredSeconds: number;
  minMs: number | null;
  maxMs: number | null;
  /** Null where an older result has no mean by this clock. */
  sumMs: number | null;
  /** The first one that is not in the row any more. */
  end: number;
}

/** From the first second to the last; one without an interval has no requests, as upstream. */
function rowsOf(result: RunResult, operation: OperationResult): string[] {
  const { intervals } = operation;
  const clock = judgedClock(operation);
  const firstUnixSecond = Math.floor(Date.parse(result.measuredAt ?? result.startedAt) / 1000);
  const seconds: (Second | undefined)[] = [];
  for (const interval of intervals) {
    const at = secondAt(interval.startSeconds);
    const end = Math.max(at + 1, secondAt(interval.startSeconds + interval.durationSeconds));
    seconds[at] = added(seconds[at], interval, latencyOf(interval, clock), end);
  }
  const { moments } = result;
  const rows: string[] = [];
  for (let at = 0; at < seconds.length; ) {
    const second = seconds[at];
    const end = second?.end ?? at + 1;
    // The run ends within its last row, or a piece of a second after it, which the row then holds: its
    // rate is over the time that was measured.
    const isLast = end >= seconds.length && second !== undefined;
    const length = isLast ? second.measuredSeconds : end - at;
    const figures = row(firstUnixSecond + at, second, length > 0 ? length : end - at);
    const names = csvField(csvText(eventsWithin(moments, at, end).join("; ")));
    const named = moments.length === 0 ? "" : `,${names}`;
    rows.push(figures + named);
    at = end;
  }
  return rows;
}

function secondAt(seconds: number): number {
  return Math.floor(seconds + LATENESS_SECONDS);
}

/** By the clock that the run is judged by. */
function latencyOf(interval: Interval, clock: Clock) {
  if (clock === "service") return interval;
  const { responseMinMs = null, responseMeanMs = null, responseMaxMs = null } = interval;
  return { minMs: responseMinMs, meanMs: responseMeanMs, maxMs: responseMaxMs };
}

function added(
  second: Second | undefined,
  { succeeded, durationSeconds: measuredSeconds }: Interval,
  { minMs, meanMs, maxMs }: Pick<Interval, "minMs" | "meanMs" | "maxMs">,
  end: number,
): Second {
  const sumMs = succeeded === 0 ? 0 : meanMs === null ? null : meanMs * succeeded;
  if (second === undefined) return { succeeded, measuredSeconds, minMs, maxMs, sumMs, end };
  return {
    succeeded: second.succeeded + succeeded,
    measuredSeconds: second.measuredSeconds + measuredSeconds,
    minMs: extreme(Math.min, second.minMs, minMs),
    maxMs: extreme(Math.max, second.maxMs, maxMs),
    sumMs: second.sumMs === null || sumMs === null ? null : second.sumMs + sumMs,
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
  const meanMs = succeeded === 0 || sumMs === null ? null : sumMs / succeeded;
  const latencies = [minMs, meanMs, maxMs].map((ms) => (ms === null ? "" : ms.toFixed(6)));
  return [unixSecond, ...latencies, Math.round(succeeded / seconds)].join(",");
}
