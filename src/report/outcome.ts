/**
 * Decides what the verdict of a finished run, or of a search, comes to, from the results alone. The exit
 * code and the test cases of `--output junit` both follow from it, each with the thresholds in addition.
 */
import type { RunResult } from "../result/schema.ts";
import type { SearchRecord } from "../result/search.ts";
import { formatAskedRate } from "../tables/number-format.ts";
import { ceilingAbove } from "./table/search-evidence.ts";

/** `invalid`: not valid, and --strict was given; `doubtful`: the same without --strict. */
export type Outcome = "interrupted" | "failed" | "invalid" | "doubtful" | "valid";

/**
 * Interrupted comes before all, since nothing was judged as planned. Errors come before an invalid
 * measurement, since they are facts whatever the client was worth.
 */
export function outcomeOfRun({ status, verdict, plan }: RunResult): Outcome {
  if (status === "interrupted") return "interrupted";
  if (status === "failed" || verdict.kind === "errors") return "failed";
  if (verdict.kind === "valid") return "valid";
  return plan.judge.strict ? "invalid" : "doubtful";
}

/**
 * A search is done where it has found a rate: its other steps go beyond the limit by design. That the
 * rate is etcd's highest is as valid as the step that bounds it.
 */
export function outcomeOfSearch(search: SearchRecord): Outcome {
  const { runs, found } = search;
  if (runs.some(({ status }) => status === "interrupted")) return "interrupted";
  if (found === null) return "failed";
  const ofFound = outcomeOfRun(found);
  const isOfClient = found.plan.judge.strict && boundOfClient(search) !== null;
  return ofFound === "valid" && isOfClient ? "invalid" : ofFound;
}

/**
 * The step that bounds the found rate, if the client was its limit. What requests failed by is etcd's; by
 * any other verdict that is not valid, etcd may do more.
 */
export function boundOfClient(search: SearchRecord): RunResult | null {
  const ceiling = search.found === null ? null : ceilingAbove(search, search.found);
  return ceiling === null || ["valid", "errors"].includes(ceiling.verdict.kind) ? null : ceiling;
}

/** `1,500/s held p99<10ms`, `no rate was found for p99<10ms`. */
export function searchSentence({ runs, found }: SearchRecord): string {
  const { limits } = runs[0]!.plan.search!;
  const words = limits.map(({ expression }) => expression).join(", ");
  const rate = found === null ? null : found.plan.pacing.ratePerSec;
  return rate === null
    ? `no rate was found for ${words}`
    : `${formatAskedRate(rate)}/s held ${words}`;
}
