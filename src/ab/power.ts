/** Calculates what a number of pairs can prove, before they are measured. */
import { ALPHA, detectableFraction } from "../compare/judge-metric.ts";
import type { PlannedGate } from "../compare/planned-gates.ts";
import { detectableEffect } from "../stats/detectable-effect.ts";

/** The fewest pairs with which `gates` tests at once can find a difference at all. */
export function leastPairs(gates: number): number {
  return Math.ceil(1 + Math.log2(gates / ALPHA));
}

/** Of a gate whose noise is not known: a difference of the least effect and so much more is found. */
export function marginInNoise(pairs: number, gates: number): number | null {
  const deviation = deviationOfPairs(1);
  return detectableEffect({ pairs, alpha: ALPHA / gates, deviation, least: 0 });
}

/** The difference, a fraction, that is found in four of five experiments; null where none is. */
export function detectableDifference(
  pairs: number,
  gates: number,
  { leastEffect }: Pick<PlannedGate, "leastEffect">,
  noise: number,
): number | null {
  const deviation = deviationOfPairs(noise);
  return detectableFraction({ pairs, tests: gates, deviation, leastEffect });
}

/** `noise` is the standard deviation of one run against another of its kind; both runs of a pair have it. */
function deviationOfPairs(noise: number): number {
  return noise * Math.SQRT2;
}
