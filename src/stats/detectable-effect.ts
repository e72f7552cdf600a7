/** Calculates what a number of pairs can see: the effect that is found in four of five experiments. */
import { seededRandom } from "../random.ts";
import { signedRankCumulative } from "./signed-rank.ts";

const POWER = 0.8;
/** With more pairs the exact test is as good as continuous, and normal theory within 2%. */
const MOST_SIMULATED = 40;
/** The power of a step of the search is known to half a percent. */
const EXPERIMENTS = 6_000;
const SEED = 20;
/** An effect that no number of pairs of interest needs. */
const MOST_DEVIATIONS = 64;
const STEPS = 24;

const known = new Map<string, number | null>();

/**
 * In units of the standard deviation of the paired differences, two-sided, by simulated experiments
 * with normal noise: the exact test is discrete, and no formula holds at few pairs. Null where so few
 * pairs can never come below `alpha`, however large the effect.
 */
export function detectableEffect(pairs: number, alpha: number): number | null {
  const key = `${pairs} ${alpha}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const effect = pairs > MOST_SIMULATED ? byNormalTheory(pairs, alpha) : simulated(pairs, alpha);
  known.set(key, effect);
  return effect;
}

/** Of the signed-rank test against the t-test on normal noise. */
function byNormalTheory(pairs: number, alpha: number): number {
  const degrees = pairs - 1;
  const distance = tQuantile(1 - alpha / 2, degrees) + tQuantile(POWER, degrees);
  return distance / Math.sqrt((pairs * 3) / Math.PI);
}

function simulated(pairs: number, alpha: number): number | null {
  const critical = criticalSum(pairs, alpha);
  if (critical === null) return null;
  const random = seededRandom(SEED, pairs);
  const noise = Float64Array.from({ length: EXPERIMENTS * pairs }, () => normal(random));
  // The same experiments at each effect, so that more effect is never found less often.
  let [least, most] = [0, MOST_DEVIATIONS];
  for (let step = 0; step < STEPS; step++) {
    const middle = (least + most) / 2;
    if (powerOf(noise, pairs, middle, critical) < POWER) least = middle;
    else most = middle;
  }
  return most;
}

/** The largest sum of the ranks of one sign at which two-sided p is at most `alpha`; null for none. */
function criticalSum(pairs: number, alpha: number): number | null {
  const cumulative = signedRankCumulative(pairs);
  const above = cumulative.findIndex((chance) => 2 * chance >= alpha);
  return above <= 0 ? null : above - 1;
}

/** The share of experiments in which the effect is found. */
function powerOf(noise: Float64Array, pairs: number, effect: number, critical: number): number {
  let found = 0;
  const differences = new Float64Array(pairs);
  const sizes = new Float64Array(pairs);
  for (let from = 0; from < noise.length; from += pairs) {
    let smallest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < pairs; at++) {
      const difference = noise[from + at]! + effect;
      differences[at] = difference;
      sizes[at] = Math.abs(difference);
      if (difference < smallest) smallest = difference;
    }
    // Where all have one sign the sum of the other is 0, and nothing needs to be ranked.
    if (smallest > 0) found += 1;
    else if (isRankSumWithin(differences, sizes, critical)) found += 1;
  }
  return found / (noise.length / pairs);
}

/** Whether the ranks of the negative differences add up to at most `critical`. */
function isRankSumWithin(
  differences: Float64Array,
  sizes: Float64Array,
  critical: number,
): boolean {
  let sum = 0;
  for (let at = 0; at < sizes.length && sum <= critical; at++) {
    if (differences[at]! >= 0) continue;
    const size = sizes[at]!;
    for (let other = 0; other < sizes.length; other++) if (sizes[other]! <= size) sum += 1;
  }
  return sum <= critical;
}

/** Of Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Student's t by the expansion of Cornish and Fisher: within 1% from five degrees of freedom on,
 * at the probabilities given here.
 */
export function tQuantile(probability: number, degrees: number): number {
  const z = normalQuantile(probability);
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3)
  );
}

/** `probability` in [0.5, 1). Abramowitz and Stegun 26.2.23: wrong by less than 4.5e-4. */
function normalQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - probability));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return t - above / below;
}
