/** Compares the paired statistics with other implementations and checks their properties. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../src/random.ts";
import { benjaminiHochberg, holm } from "../../../src/stats/adjusted-p-values.ts";
import { detectableEffect, tQuantile } from "../../../src/stats/detectable-effect.ts";
import { typicalDifference } from "../../../src/stats/hodges-lehmann.ts";
import { median } from "../../../src/stats/median.ts";
import { signedRankCumulative, signedRankTest } from "../../../src/stats/signed-rank.ts";
import { ADJUSTED, SIGNED_RANK, SIGNED_RANK_CUMULATIVE, T_QUANTILES } from "./oracle-figures.ts";

function isNear(actual: number, expected: number, tolerance = 1e-9, what = ""): void {
  const allowed = tolerance * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(actual - expected) <= allowed, `${what} ${actual}, not ${expected}`);
}

test("the signed-rank test agrees with SciPy on 33 samples, some with ties and zeros", () => {
  assert.ok(SIGNED_RANK.length >= 30);
  for (const [differences, rankSum, pValue] of SIGNED_RANK) {
    const found = signedRankTest(differences);
    assert.is(found.positiveRankSum, rankSum, String(differences));
    isNear(found.pValue, pValue, 1e-9, String(differences));
  }
});

/** The p-value by enumeration of all signs of the ranks. */
function enumerated(differences: readonly number[]): number {
  const sizes = differences.filter((each) => each !== 0).map(Math.abs);
  const ranks = sizes.map(
    (size) =>
      sizes.filter((each) => each < size).length +
      (sizes.filter((each) => each === size).length + 1) / 2,
  );
  const centre = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
  const sumOf = (isPositive: (at: number) => boolean) =>
    ranks.reduce((sum, rank, at) => sum + (isPositive(at) ? rank : 0), 0);
  const nonZero = differences.filter((each) => each !== 0);
  const seen = Math.abs(sumOf((at) => nonZero[at]! > 0) - centre);
  let asFar = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs++) {
    if (Math.abs(sumOf((at) => ((signs >> at) & 1) === 1) - centre) >= seen) asFar++;
  }
  return asFar / 2 ** ranks.length;
}

test("the p-value is the fraction of sign flips that are as extreme, for any ties", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 }),
      (differences) => isNear(signedRankTest(differences).pValue, enumerated(differences)),
    ),
  );
});

test("differences that are all zero have p = 1", () => {
  assert.equal(signedRankTest([0, 0, 0]), { count: 0, positiveRankSum: 0, pValue: 1 });
});

test("a very small p-value is not rounded to zero", () => {
  const differences = Array.from({ length: 200 }, (_, at) => at + 1);
  isNear(signedRankTest(differences).pValue / 2 ** -199, 1);
  isNear(signedRankTest(differences.map((each) => -each)).pValue / 2 ** -199, 1);
});

test("the distribution without ties agrees with @stdlib", () => {
  for (const [sum, count, chance] of SIGNED_RANK_CUMULATIVE) {
    isNear(signedRankCumulative(count)[sum]!, chance);
  }
});

test("the estimate is the median of the Walsh averages, and the interval their k-th from each end", () => {
  const values = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3, -0.4];
  const averages = values
    .flatMap((a, i) => values.slice(i).map((b) => (a + b) / 2))
    .sort((a, b) => a - b);
  const typical = typicalDifference(values);
  isNear(typical.estimate, median(averages));
  // For ten, P(W <= 8) = 0.0244 and P(W <= 10) = 0.0420: the 9th for 95%, the 11th for 90%.
  assert.equal(typical.interval(0.95), [averages[8], averages[55 - 9]]);
  assert.equal(typical.interval(0.9), [averages[10], averages[55 - 11]]);
});

test("with too few differences there is no interval", () => {
  assert.is(typicalDifference([1]).interval(0.95), null);
  assert.is(typicalDifference([1, 2, 3, 4, 5]).interval(0.95), null);
  assert.equal(typicalDifference([1, 2, 3, 4, 5, 6]).interval(0.95), [1, 6]);
});

test("the interval excludes zero exactly if the test rejects it", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 6, maxLength: 15 }),
      (values) => {
        // Equal sizes would be ties, which the interval's distribution does not support.
        fc.pre(new Set(values.map(Math.abs)).size === values.length && !values.includes(0));
        const [low, high] = typicalDifference(values).interval(0.95)!;
        fc.pre(low !== 0 && high !== 0);
        assert.is(low > 0 || high < 0, signedRankTest(values).pValue <= 0.05);
      },
    ),
  );
});

test("p-values are adjusted as @stdlib and SciPy adjust them", () => {
  for (const [given, byHolm, byHochberg] of ADJUSTED) {
    for (const [at, adjusted] of holm(given).entries()) isNear(adjusted, byHolm[at]!);
    for (const [at, adjusted] of benjaminiHochberg(given).entries()) {
      isNear(adjusted, byHochberg[at]!);
    }
  }
  assert.equal([holm([]), benjaminiHochberg([])], [[], []]);
});

test("the quantiles of t are within 2%, and within 1% from nine degrees of freedom", () => {
  for (const [probability, degrees, quantile] of T_QUANTILES) {
    isNear(tQuantile(probability, degrees) / quantile, 1, degrees < 9 ? 0.02 : 0.01);
  }
});

/** In units of the standard deviation of a difference, of any size. */
const seenBy = (pairs: number, alpha: number) =>
  detectableEffect({ pairs, alpha, deviation: 1, least: 0 });

test("the detectable effect of pairs shrinks with their number, and too few detect nothing", () => {
  // In units of one run's noise, which is 1 / sqrt(2) of the noise of a difference.
  const ofNoise = (pairs: number) => seenBy(pairs, 0.05)! * Math.SQRT2;
  isNear(ofNoise(10), 1.46, 0.03);
  isNear(ofNoise(20), 0.96, 0.02);
  isNear(ofNoise(40), 0.65, 0.02);
  assert.is(seenBy(5, 0.05), null);
  assert.is(seenBy(10, 0.05 / 26), null);
  assert.ok(seenBy(10, 0.05 / 24)! > seenBy(10, 0.05)!);
});

test("the detectable effect is found in four of five experiments, also with few pairs", () => {
  // The test itself runs on other experiments than those of the calculation.
  const random = seededRandom(77, 3);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  for (const [pairs, gates] of [
    [6, 1],
    [7, 3],
    [8, 3],
    [20, 3],
  ] as const) {
    const effect = seenBy(pairs, 0.05 / gates)!;
    let found = 0;
    for (let experiment = 0; experiment < 1_500; experiment++) {
      const differences = Array.from({ length: pairs }, () => normal() + effect);
      if (signedRankTest(differences).pValue < 0.05 / gates) found += 1;
    }
    const power = found / 1_500;
    assert.ok(Math.abs(power - 0.8) < 0.035, `${pairs} pairs, ${gates} gates: ${power}`);
  }
});

test("the detectable effect has no step between simulation and normal theory", () => {
  const ratio = seenBy(41, 0.05)! / seenBy(40, 0.05)!;
  assert.ok(ratio > 0.95 && ratio < 1.01, String(ratio));
});

test.run();
