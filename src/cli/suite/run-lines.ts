/** Words the lines that a suite prints as its runs begin and end. */
import { clockedName, judgedLatency } from "../../result/judged-latency.ts";
import type { OperationResult, RunResult } from "../../result/schema.ts";
import { shownInFull } from "../../result/search.ts";
import { describeEstimate, type WholeEstimate } from "../../suite/estimate.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { ABSENT, formatRate } from "../../tables/number-format.ts";
import { primaryOperations } from "../../workloads/series-roles.ts";
import type { PlannedRun } from "./session.ts";

/** `run 3 of 7: reads, conns=1, 2 of 5 (about 4m20s to go)`; `left` includes the run. */
export function headline(at: number, runs: readonly PlannedRun[], left: WholeEstimate): string {
  const { cell, repeat } = runs[at]!;
  const nth = cell.repeats > 1 ? `, ${repeat} of ${cell.repeats}` : "";
  const time = left.unknownRuns > 0 ? "" : ` (${describeEstimate(left)} to go)`;
  return `run ${at + 1} of ${runs.length}: ${cell.name}${nth}${time}`;
}

/** `run 3 of 7 ended: range 12,345/s, p99 1.20 ms; client-limited`; of a search its last run. */
export function endLine(at: number, runs: number, results: readonly RunResult[]): string {
  const parts = shownInFull([...results]).flatMap((result) => [
    ...primaryOperations(result).map((each) => `${each.name} ${figuresOf(each)}`),
    ...(result.status === "complete" ? [] : [result.status]),
    ...(result.verdict.kind === "valid" ? [] : [result.verdict.kind]),
  ]);
  return `run ${at + 1} of ${runs} ended: ${parts.join("; ")}`;
}

/** `12,345/s, p99 1.20 ms`, by the clock that the run is judged by. */
export function figuresOf(operation: OperationResult): string {
  const p99 = latencyText(judgedLatency(operation), "p99Ms");
  const name = clockedName("p99", [operation]);
  return `${formatRate(operation.throughputPerSec)}/s${p99 === ABSENT ? "" : `, ${name} ${p99}`}`;
}
