/** Calculates what a number of pairs can see: the effect that is found in four of five experiments. */
import { seededRandom } from "../random.ts";
import { walshAverages } from "./hodges-lehmann.ts";
import { medianOfSorted } from "./median.ts";
import { signedRankCumulative } from "./signed-rank.ts";

const POWER = 0.8;
/** With more pairs the exact test is as good as continuous, and normal theory within 2%. */
const MOST_SIMULATED = 40;
/** The power is known to half a percent. */
const EXPERIMENTS = 6_000;
const SEED = 20;

/** When an effect counts as found. */
export interface Finding {
  pairs: number;
  /** Of the two-sided signed-rank test; p is below it. */
  alpha: number;
  /** The standard deviation of the paired differences. */
  deviation: number;
  /** The Hodges-Lehmann estimate is not below it; in the unit of the deviation. */
  least: number;
}

/** Of experiments without an effect and with a standard deviation of 1, one item each. */
interface Experiments {
  /** The effect from which the test finds it. */
  testFrom: Float64Array;
  /** How much the estimate is below the effect. */
  estimateBelow: Float64Array;
}

const known = new Map<string, Experiments | null>();

/**
 * In the unit of the deviation, by simulated experiments with normal noise: the exact test is discrete,
 * and no formula holds at few pairs. Null where so few pairs can never come below `alpha`, however
 * large the effect.
 */
export function detectableEffect({ pairs, alpha, deviation, least }: Finding): number | null {
  const experiments = experimentsOf(pairs, alpha);
  if (experiments === null) return null;
  const { testFrom, estimateBelow } = experiments;
  const foundFrom = testFrom.map((from, at) =>
    Math.max(deviation * from, least + deviation * estimateBelow[at]!),
  );
  return foundFrom.sort()[Math.ceil(POWER * EXPERIMENTS) - 1]!;
}

function experimentsOf(pairs: number, alpha: number): Experiments | null {
  const key = `${pairs} ${alpha}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = pairs > MOST_SIMULATED ? byNormalTheory(pairs, alpha) : simulated(pairs, alpha);
  known.set(key, made);
  return made;
}

/** Of the signed-rank test and its estimate against the t-test and the mean on normal noise. */
function byNormalTheory(pairs: number, alpha: number): Experiments {
  const degrees = pairs - 1;
  const critical = tQuantile(1 - alpha / 2, degrees);
  const error = Math.sqrt(Math.PI / 3 / pairs);
  const random = seededRandom(SEED, pairs);
  return experiments(() => {
    const estimateBelow = error * normal(random);
    const testFrom = estimateBelow + error * critical * sampleDeviation(degrees, random);
    return { testFrom, estimateBelow };
  });
}

/** Of normal noise with a standard deviation of 1; chi-squared by Wilson and Hilferty. */
function sampleDeviation(degrees: number, random: () => number): number {
  const variance = 2 / (9 * degrees);
  return Math.max(0, 1 - variance + Math.sqrt(variance) * normal(random)) ** 1.5;
}

/**
 * The rank sum of the negative differences is the number of Walsh averages below 0, and an effect moves
 * them all alike: the test finds it from where no more than the critical number are left below.
 */
function simulated(pairs: number, alpha: number): Experiments | null {
  const critical = criticalSum(pairs, alpha);
  if (critical === null) return null;
  const random = seededRandom(SEED, pairs);
  return experiments(() => {
    const averages = walshAverages(Array.from({ length: pairs }, () => normal(random)));
    return { testFrom: -averages[critical]!, estimateBelow: -medianOfSorted(averages) };
  });
}

function experiments(experiment: () => { testFrom: number; estimateBelow: number }): Experiments {
  const testFrom = new Float64Array(EXPERIMENTS);
  const estimateBelow = new Float64Array(EXPERIMENTS);
  for (let at = 0; at < EXPERIMENTS; at++) {
    const made = experiment();
    testFrom[at] = made.testFrom;
    estimateBelow[at] = made.estimateBelow;
  }
  return { testFrom, estimateBelow };
}

/** The largest sum of the ranks of one sign at which two-sided p is below `alpha`; null for none. */
function criticalSum(pairs: number, alpha: number): number | null {
  const cumulative = signedRankCumulative(pairs);
  const above = cumulative.findIndex((chance) => 2 * chance >= alpha);
  return above <= 0 ? null : above - 1;
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
