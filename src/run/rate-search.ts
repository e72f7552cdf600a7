/**
 * Searches the highest rate that holds: which rate to measure next, by the steps before. Pure:
 * `find-max` measures what it asks for.
 */
import { halvingSteps } from "../plan/halving-steps.ts";

export interface RateSearchOptions {
  startRatePerSec: number;
  /** A fraction: the rates that hold and fail end this close to each other. */
  precision: number;
  leastRatePerSec: number;
  mostRatePerSec: number;
}

export interface RateStep {
  ratePerSec: number;
  /** To be measured for the full duration: only it makes a rate found. */
  isVerification: boolean;
  /** Shorter steps that are likely to follow before the verification; null: no rate failed yet. */
  stepsAfter: number | null;
}

/** Of steps until the verification, if the next rate fails, which is measured twice then. */
export function leastStepsAfter(precision: number): number {
  return 1 + halvingSteps((GROWTH - 1) / precision);
}

/**
 * `failed` may have come about by chance: a stall of a disk, or of this machine. `client-limited`: this
 * client was too slow, which tells nothing of the target.
 */
export type StepAnswer = "held" | "failed" | "client-limited";

const GROWTH = 2;
/** Verified one below the other until one holds. */
const VERIFIED_RATES = 5;
/** Rates are rounded to three digits, which may widen a gap by so much. */
const ROUNDING = 0.01;

/**
 * Exponential from the start, up or down, until one rate holds and one does not; then halving what
 * lies between; then a verification; where it fails, further ones at lower rates until one holds, and
 * between the two until they are as close as the steps were. A rate that fails, in
 * a step or in a verification, is measured once more before it counts, whatever it failed by, and a third
 * time where the client and the target failed once each: one stall would else cut the search short, and a
 * rate that holds by chance in a step is what the verification is for.
 * @returns the verified rate; null where none holds or none could be verified
 */
export function* searchRate(
  options: RateSearchOptions,
): Generator<RateStep, number | null, StepAnswer> {
  const { precision, leastRatePerSec, mostRatePerSec } = options;
  let held: number | null = null;
  let failed: number | null = null;
  let ratePerSec = options.startRatePerSec;
  while (held === null || failed === null) {
    if (yield* holds({ ratePerSec, isVerification: false, stepsAfter: null })) {
      held = ratePerSec;
      if (ratePerSec >= mostRatePerSec) break;
      ratePerSec = Math.min(mostRatePerSec, ratePerSec * GROWTH);
    } else {
      failed = ratePerSec;
      if (ratePerSec <= leastRatePerSec) return null;
      ratePerSec = Math.max(leastRatePerSec, ratePerSec / GROWTH);
    }
  }
  while (failed !== null && failed - held > precision * held) {
    const middle = between(held, failed);
    const stepsAfter = halvingSteps((failed - held) / 2 / (precision * held));
    if (yield* holds({ ratePerSec: middle, isVerification: false, stepsAfter })) held = middle;
    else failed = middle;
  }
  return yield* verifiedUpTo(held, options);
}

/** Steps are shorter than a verification, and so a little kinder: its limit may lie below all that held. */
function* verifiedUpTo(
  ratePerSec: number,
  { precision, leastRatePerSec }: RateSearchOptions,
): Generator<RateStep, number | null, StepAnswer> {
  const verified = (candidate: number) =>
    holds({ ratePerSec: candidate, isVerification: true, stepsAfter: 0 });
  let broken: number | null = null;
  let candidate = ratePerSec;
  for (let attempt = 0; !(yield* verified(candidate)); attempt++) {
    if (candidate <= leastRatePerSec || attempt === VERIFIED_RATES - 1) return null;
    broken = candidate;
    const divisor = Math.min(GROWTH, 1 + precision * 2 ** attempt);
    candidate = Math.max(leastRatePerSec, readable(candidate / divisor));
  }
  while (broken !== null && broken > candidate * (1 + precision) * (1 + ROUNDING)) {
    const middle = between(candidate, broken);
    if (yield* verified(middle)) candidate = middle;
    else broken = middle;
  }
  return candidate;
}

function* holds(step: RateStep): Generator<RateStep, boolean, StepAnswer> {
  const first = yield step;
  if (first === "held") return true;
  const second = yield step;
  if (second === "held" || second === first) return second === "held";
  return (yield step) === "held";
}

function between(low: number, high: number): number {
  const middle = (low + high) / 2;
  const rounded = readable(middle);
  return low < rounded && rounded < high ? rounded : middle;
}

/** Three digits that matter, so that a user reads 14,600 and not 14,593.75. */
function readable(rate: number): number {
  return Number(rate.toPrecision(3));
}
