/** Calculates what a number of pairs can prove, before they are measured. */
import { ALPHA } from "../compare/judge-metric.ts";
import { detectableEffect } from "../stats/detectable-effect.ts";

/** The fewest pairs with which `gates` tests at once can find a difference at all. */
export function leastPairs(gates: number): number {
  return Math.ceil(1 + Math.log2(gates / ALPHA));
}

/**
 * The difference that is found in four of five experiments, in units of the noise: the standard
 * deviation of one run against another of its kind. Null where so few pairs find none.
 */
export function detectableInNoise(pairs: number, gates: number): number | null {
  const ofDifferences = detectableEffect(pairs, ALPHA / gates);
  // Both runs of a pair are noisy.
  return ofDifferences === null ? null : ofDifferences * Math.SQRT2;
}

/** The same as a fraction; `noise` is one too. */
export function detectableFraction(pairs: number, gates: number, noise: number): number | null {
  const inNoise = detectableInNoise(pairs, gates);
  return inNoise === null ? null : Math.expm1(inNoise * noise);
}
