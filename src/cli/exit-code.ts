/** Decides the exit code of a finished run, from the result alone. */
import { hasUndecidedGate } from "../compare/overall-verdict.ts";
import type { Comparison } from "../compare/schema.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { ceilingAbove } from "../report/table/search-evidence.ts";
import { eventFaults } from "../result/event-faults.ts";
import { failedShare, judgedRequests } from "../result/failed-share.ts";
import { hashFaults } from "../result/hash-kv.ts";
import { offeredOperations } from "../result/offered.ts";
import type { RunResult } from "../result/schema.ts";
import { type SearchRecord, searchesOf } from "../result/search.ts";
import { thresholdOutcome } from "../result/threshold-outcome.ts";

/**
 * Interrupted comes before all, since nothing was judged as planned. Failed requests come before
 * an invalid measurement, since they are facts whatever the client was worth; a threshold comes
 * after it, since it was held against figures that are not to be trusted. A threshold that what was
 * measured cannot decide is no success: the measurement cannot be used for what was asked of it.
 */
export function exitCodeOf(result: RunResult): ExitCode {
  if (result.status === "interrupted") return EXIT.interrupted;
  if (result.status === "failed" || tooManyFailed(result)) return EXIT.failed;
  if (result.operations.some((operation) => eventFaults(operation).length > 0)) return EXIT.failed;
  if (hashFaults(result.hashKv).length > 0 || result.faults.length > 0) return EXIT.failed;
  if (result.plan.judge.strict && result.verdict.kind !== "valid") return EXIT.invalid;
  const outcomes = result.thresholds.map(thresholdOutcome);
  if (outcomes.includes("broken")) return EXIT.failed;
  return outcomes.includes("undecided") ? EXIT.invalid : EXIT.done;
}

/** An operation of which no request ended has failed too: it measured nothing. */
function tooManyFailed({ operations, plan }: RunResult): boolean {
  return offeredOperations(operations).some((operation) => {
    if (failedShare(operation.requests) === null) return true;
    return (failedShare(judgedRequests(operation, plan)) ?? 0) > plan.judge.maxErrorRate;
  });
}

/**
 * A search is done where it has found a rate: its other steps go beyond the limit by design. That the
 * rate is etcd's highest is as valid as the step that bounds it.
 */
export function exitCodeOfSearch(search: SearchRecord): ExitCode {
  const { runs, found } = search;
  if (runs.some(({ status }) => status === "interrupted")) return EXIT.interrupted;
  if (found === null) return EXIT.failed;
  const ofFound = exitCodeOf(found);
  const isOfClient = found.plan.judge.strict && isBoundByClient(search, found);
  return ofFound === EXIT.done && isOfClient ? EXIT.invalid : ofFound;
}

/** What requests failed by is etcd's; by any other verdict that is not valid, etcd may do more. */
function isBoundByClient(search: SearchRecord, found: RunResult): boolean {
  const ceiling = ceilingAbove(search, found);
  return ceiling !== null && !["valid", "errors"].includes(ceiling.verdict.kind);
}

/** Of several runs the worst: interrupted, then failed, then the first that is not done. */
export function worstExitCode(results: readonly RunResult[]): ExitCode {
  const alone = results.filter(({ search }) => search === null);
  const codes = [...alone.map(exitCodeOf), ...searchesOf(results).map(exitCodeOfSearch)];
  if (codes.includes(EXIT.interrupted)) return EXIT.interrupted;
  if (codes.includes(EXIT.failed)) return EXIT.failed;
  return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
}

/** Faster is no regression; what is undecided is one only with --strict. */
export function exitCodeOfComparison(comparison: Comparison, isStrict: boolean): ExitCode {
  if (comparison.verdict.kind === "slower") return EXIT.failed;
  if (comparison.verdict.kind === "invalid") return EXIT.invalid;
  return isStrict && hasUndecidedGate(comparison) ? EXIT.undecided : EXIT.done;
}
