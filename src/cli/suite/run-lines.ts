/** Words the lines that a suite prints as its runs begin. */
import { describeEstimate, type WholeEstimate } from "../../suite/estimate.ts";
import type { PlannedRun } from "./session.ts";

/** `run 3 of 7: reads, conns=1, 2 of 5 (about 4m20s to go)`; `left` includes the run. */
export function headline(at: number, runs: readonly PlannedRun[], left: WholeEstimate): string {
  const { cell, repeat } = runs[at]!;
  const nth = cell.repeats > 1 ? `, ${repeat} of ${cell.repeats}` : "";
  const time = left.unknownRuns > 0 ? "" : ` (${describeEstimate(left)} to go)`;
  return `run ${at + 1} of ${runs.length}: ${cell.name}${nth}${time}`;
}
