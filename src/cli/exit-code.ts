/** Decides the exit code of a finished run, from the result alone. */
import { hasUndecidedGate } from "../compare/overall-verdict.ts";
import type { Comparison } from "../compare/schema.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { type Outcome, outcomeOfRun, outcomeOfSearch } from "../report/outcome.ts";
import type { RunResult } from "../result/schema.ts";
import { type SearchRecord, searchesOf } from "../result/search.ts";
import { thresholdOutcome } from "../result/threshold-outcome.ts";
import type { SoakReport } from "../soak/report-schema.ts";

export function exitCodeOf(result: RunResult): ExitCode {
  return codeOf(outcomeOfRun(result), result.thresholds);
}

export function exitCodeOfSearch(search: SearchRecord): ExitCode {
  return codeOf(outcomeOfSearch(search), search.found?.thresholds ?? []);
}

/**
 * A threshold comes after an invalid measurement, since it was held against figures that are not to be
 * trusted. One that what was measured cannot decide is no success: the measurement cannot be used for
 * what was asked of it.
 */
function codeOf(outcome: Outcome, thresholds: RunResult["thresholds"]): ExitCode {
  if (outcome === "interrupted" || outcome === "failed" || outcome === "invalid") {
    return EXIT[outcome];
  }
  const outcomes = thresholds.map(thresholdOutcome);
  if (outcomes.includes("broken")) return EXIT.failed;
  return outcomes.includes("undecided") ? EXIT.invalid : EXIT.done;
}

/** Of several runs the worst: interrupted, then failed, then the first that is not done. */
export function worstExitCode(results: readonly RunResult[]): ExitCode {
  const alone = results.filter(({ search }) => search === null);
  const codes = [...alone.map(exitCodeOf), ...searchesOf(results).map(exitCodeOfSearch)];
  if (codes.includes(EXIT.interrupted)) return EXIT.interrupted;
  if (codes.includes(EXIT.failed)) return EXIT.failed;
  return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
}

/** `results`: of the segments that this process has measured. */
export function exitCodeOfSoak({ verdict }: SoakReport, results: readonly RunResult[]): ExitCode {
  if (results.some(({ status }) => status === "interrupted")) return EXIT.interrupted;
  if (verdict.kind === "steady") return EXIT.done;
  return verdict.kind === "undecided" ? EXIT.invalid : EXIT.failed;
}

/** Faster is no regression; what is undecided is one only with --strict. */
export function exitCodeOfComparison(comparison: Comparison, isStrict: boolean): ExitCode {
  if (comparison.verdict.kind === "slower") return EXIT.failed;
  if (comparison.verdict.kind === "invalid") return EXIT.invalid;
  return isStrict && hasUndecidedGate(comparison) ? EXIT.undecided : EXIT.done;
}
