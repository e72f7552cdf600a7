/**
 * Searches for the highest rate under the plan's limits, on a real target: each step that `rate-search`
 * asks for is a run of its own, and its result is the outcome of the step.
 */
import { BenchError } from "../errors.ts";
import type { RunPlan, Search } from "../plan/schema.ts";
import { fullStepMs, searchStepMs } from "../plan/step-duration.ts";
import { newResultId } from "../result/id.ts";
import type { RunResult } from "../result/schema.ts";
import { type StepOutcome, stepOutcome } from "../result/search.ts";
import { leastStepsAfter, type RateStep, type StepAnswer, searchRate } from "./rate-search.ts";
import { type RunOptions, run } from "./run.ts";
import { SeenMembers } from "./seen-members.ts";

const LEAST_RATE_PER_SEC = 1;
const MOST_RATE_PER_SEC = 10_000_000;

export interface FoundMax {
  /** All steps, in order; at least one. */
  results: RunResult[];
  /** Why the search could not go on, where it is no matter of a result. */
  failure: BenchError | null;
}

export interface FindMaxOptions extends RunOptions {
  /** After each step, with the time that the search is likely to go on; null: it has ended. */
  onStep?: (result: RunResult, left: SearchTime | null) => void;
}

export interface SearchTime {
  ms: number;
  /** No rate has failed yet, so that further steps may come first. */
  isLeast: boolean;
}

/**
 * `search` is the plan's own. @throws BenchError where not even the first step could be run.
 */
export async function findMax(
  plan: RunPlan,
  search: Search,
  options: FindMaxOptions = {},
  runStep: typeof run = run,
): Promise<FoundMax> {
  const results: RunResult[] = [];
  const ofStep = { seen: new SeenMembers(), ...options };
  const id = newResultId(Date.now());
  const steps = searchRate({
    startRatePerSec: search.startRatePerSec,
    precision: search.precision,
    leastRatePerSec: LEAST_RATE_PER_SEC,
    mostRatePerSec: MOST_RATE_PER_SEC,
  });
  let aroundMs = 0;
  let next = steps.next();
  while (!next.done && !options.stop?.aborted) {
    const { ratePerSec, isVerification } = next.value;
    const planned = stepPlan(plan, search, ratePerSec, isVerification);
    const beganMs = performance.now();
    let result: RunResult;
    try {
      result = await runStep(planned, ofStep);
    } catch (error) {
      if (!(error instanceof BenchError) || results.length === 0) throw error;
      return { results, failure: error };
    }
    result.search = { id, step: results.length + 1, isVerification };
    results.push(result);
    aroundMs += performance.now() - beganMs - planned.limits.durationMs!;
    const answer = answerOf(stepOutcome(result));
    if (answer !== null) next = steps.next(answer);
    const following = answer === null || next.done ? null : next.value;
    const left = following && timeLeft(plan, search, following, aroundMs / results.length);
    options.onStep?.(result, left);
    if (answer === null) break;
  }
  return { results, failure: null };
}

/** `aroundMs` is what the steps so far took in addition to their durations, on average. */
function timeLeft(
  plan: RunPlan,
  search: Search,
  { ratePerSec, isVerification, stepsAfter }: RateStep,
  aroundMs: number,
): SearchTime {
  const stepMs = (isFull: boolean) =>
    stepPlan(plan, search, ratePerSec, isFull).limits.durationMs! + Math.max(0, aroundMs);
  const steps = isVerification ? 0 : 1 + (stepsAfter ?? leastStepsAfter(search.precision));
  return { ms: steps * stepMs(false) + stepMs(true), isLeast: stepsAfter === null };
}

/** The limits come first among the thresholds, so that every step is held against them. */
export function stepPlan(
  plan: RunPlan,
  search: Search,
  ratePerSec: number,
  isVerification: boolean,
): RunPlan {
  const durationMs = isVerification
    ? fullStepMs(plan, search)
    : searchStepMs(plan, search, ratePerSec);
  return {
    ...plan,
    pacing: { ...plan.pacing, ratePerSec },
    limits: { ...plan.limits, durationMs },
    judge: { ...plan.judge, thresholds: [...search.limits, ...plan.judge.thresholds] },
  };
}

/** Null: the search cannot go on. */
function answerOf(outcome: StepOutcome): StepAnswer | null {
  switch (outcome) {
    case "held":
      return "held";
    case "errors":
    case "over":
    case "undecided":
    case "rate-unmet":
      return "failed";
    case "client-limited":
      return "client-limited";
    case "unmeasured":
    case "failed":
    case "interrupted":
      return null;
  }
}
