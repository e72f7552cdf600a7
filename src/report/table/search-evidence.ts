/** Finds which steps of a search contradict each other, and which one bounds the rate that it found. */
import type { RunResult } from "../../result/schema.ts";
import { type SearchRecord, stepOutcome } from "../../result/search.ts";

/** A rate that did not hold in some steps although it, or a higher one, held in others. */
export interface Contradiction {
  ratePerSec: number;
  failed: RunResult[];
  /** The highest rate that held at this one or above it, in which run. */
  heldAt: RunResult;
}

/** In the order of their rates; the failed verification of a rate that held in steps is one too. */
export function contradictionsOf({ runs }: SearchRecord): Contradiction[] {
  const held = runs.filter((run) => stepOutcome(run) === "held");
  const failed = runs.filter((run) => isJudged(run) && stepOutcome(run) !== "held");
  const rates = [...new Set(failed.map(rateOf))].sort((a, b) => a - b);
  return rates.flatMap((ratePerSec): Contradiction[] => {
    const [highest] = held
      .filter((run) => rateOf(run) >= ratePerSec)
      .toSorted((a, b) => rateOf(b) - rateOf(a));
    if (highest === undefined) return [];
    const ofRate = failed.filter((run) => rateOf(run) === ratePerSec);
    return [{ ratePerSec, failed: ofRate, heldAt: highest }];
  });
}

/** The slowest run above the found rate that did not hold, of those that no other step contradicts. */
export function ceilingAbove(search: SearchRecord, found: RunResult): RunResult | null {
  const contradicted = contradictionsOf(search).flatMap(({ failed }) => failed);
  const above = search.runs.filter(
    (run) => rateOf(run) > rateOf(found) && stepOutcome(run) !== "held",
  );
  const [sure] = above
    .filter((run) => !contradicted.includes(run))
    .toSorted((a, b) => rateOf(a) - rateOf(b) || tellsLittle(a) - tellsLittle(b));
  return sure ?? null;
}

/** That the client was too slow once tells less of a rate than what the target failed by there. */
function tellsLittle(run: RunResult): number {
  return Number(stepOutcome(run) === "client-limited");
}

export function rateOf({ plan }: RunResult): number {
  return plan.pacing.ratePerSec ?? 0;
}

/** Runs that broke off, or had too few samples, say nothing against a rate. */
function isJudged(run: RunResult): boolean {
  return !["failed", "interrupted", "unmeasured"].includes(stepOutcome(run));
}
