/**
 * Reads a search from the results of its runs: the outcome of each step, and which rate was found.
 * Pure, so that a saved search reads as it did when it ran.
 */
import type { RunResult } from "./schema.ts";
import { thresholdOutcome } from "./threshold-outcome.ts";

/**
 * `held`: every limit was kept. `over`: one was not. `errors`: more requests failed than may.
 * `rate-unmet` and `client-limited`: the load was not offered as planned, so that the step says
 * nothing of etcd. `unmeasured`: too few samples for the limit, whatever failed. `undecided`:
 * requests without a latency leave open what the others decide. `failed` and `interrupted`: the
 * run did not end as planned.
 */
export type StepOutcome =
  | "held"
  | "over"
  | "errors"
  | "rate-unmet"
  | "client-limited"
  | "unmeasured"
  | "undecided"
  | "failed"
  | "interrupted";

export interface SearchRecord {
  id: string;
  /** In the order of their steps, at least one. */
  runs: RunResult[];
  /** The verification of the highest rate that held; null where no rate was found. */
  found: RunResult | null;
}

/** The limits of the run's search as they were measured. */
export function measuredLimits({ plan, thresholds }: RunResult): RunResult["thresholds"] {
  const expressions = plan.search?.limits.map(({ expression }) => expression) ?? [];
  return thresholds.filter(({ expression }) => expressions.includes(expression));
}

export function stepOutcome(result: RunResult): StepOutcome {
  const { status, verdict } = result;
  if (status !== "complete") return status;
  if (verdict.kind === "errors" || verdict.kind === "client-limited") return verdict.kind;
  const limits = measuredLimits(result);
  // Waiting for a free client counts in the response time, so a limit may well break by it.
  const outcomes = limits.map(thresholdOutcome);
  if (outcomes.includes("broken")) return "over";
  if (verdict.kind === "rate-unmet") return "rate-unmet";
  if (!outcomes.includes("undecided")) return "held";
  const isForWant = limits.some(
    (each) => thresholdOutcome(each) === "undecided" && each.tooFewSamples.length > 0,
  );
  return isForWant ? "unmeasured" : "undecided";
}

/** The searches among results, in the order of their first runs. */
export function searchesOf(results: readonly RunResult[]): SearchRecord[] {
  const runsById = new Map<string, RunResult[]>();
  for (const result of results) {
    if (result.search === null) continue;
    const { id } = result.search;
    runsById.set(id, [...(runsById.get(id) ?? []), result]);
  }
  return [...runsById].map(([id, unordered]) => {
    const runs = unordered.toSorted((a, b) => a.search!.step - b.search!.step);
    const verified = (run: RunResult) => run.search!.isVerification && stepOutcome(run) === "held";
    return { id, runs, found: highestOf(runs.filter(verified)) };
  });
}

/**
 * Of a report's results those that it shows in full: what is no part of a search, and of a search
 * the run that it ended in.
 */
export function shownInFull(results: readonly RunResult[]): RunResult[] {
  const ends = searchesOf(results).map(({ found, runs }) => found ?? runs.at(-1)!);
  return results.filter((result) => result.search === null || ends.includes(result));
}

function highestOf(runs: readonly RunResult[]): RunResult | null {
  const rate = ({ plan }: RunResult) => plan.pacing.ratePerSec ?? 0;
  return runs.toSorted((a, b) => rate(b) - rate(a))[0] ?? null;
}
