/** Names what a run says of a threshold: that it held, that it was broken, or neither. */
import type { RunResult } from "./schema.ts";

export type ThresholdResult = RunResult["thresholds"][number];
export type ThresholdOutcome = "held" | "broken" | "undecided";

/** Results of older versions have no outcome: what had no figure was not decided. */
export function thresholdOutcome({
  outcome,
  passed,
  actual,
}: Pick<ThresholdResult, "outcome" | "passed" | "actual">): ThresholdOutcome {
  if (outcome !== null) return outcome;
  if (passed) return "held";
  return actual === null ? "undecided" : "broken";
}
