/** Tests the smallest effect that a number of pairs detects, against published figures and the real verdicts. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { detectableDifference, leastPairs, marginInNoise } from "../../../src/ab/power.ts";
import { ALPHA, pairStatistics, verdictOf } from "../../../src/compare/judge-metric.ts";
import { seededRandom } from "../../../src/random.ts";
import { signedRankTest } from "../../../src/stats/signed-rank.ts";
import { drawn } from "../../harness/whole-run.ts";

test("leastPairs is enough for a significant result, and one fewer is not", () => {
  for (const gates of [1, 2, 3, 9, 24]) {
    const least = leastPairs(gates);
    const bestP = (pairs: number) =>
      signedRankTest(Array.from({ length: pairs }, (_, at) => at + 1)).pValue;
    assert.ok(bestP(least) <= ALPHA / gates, `${gates} gates, ${least} pairs`);
    assert.ok(bestP(least - 1) > ALPHA / gates, `${gates} gates, ${least - 1} pairs`);
    assert.is.not(marginInNoise(least, gates), null);
    assert.is(marginInNoise(least - 1, gates), null);
  }
});

test("one gate detects 1.46, 0.96 and 0.65 times the noise with 10, 20 and 40 pairs", () => {
  for (const [pairs, expected] of [
    [10, 1.46],
    [20, 0.96],
    [40, 0.65],
  ] as const) {
    const seen = marginInNoise(pairs, 1)!;
    assert.ok(Math.abs(seen - expected) < 0.03, `${pairs} pairs: ${seen}`);
  }
});

/** Without a least effect worth mentioning. */
const ANY = { leastEffect: 1e-9 };

test("the detectable effect grows with the number of gates, the noise and the least effect", () => {
  const seen = detectableDifference(20, 1, ANY, 0.03)!;
  assert.ok(Math.abs(seen - 0.0292) < 0.001, String(seen));
  assert.ok(detectableDifference(20, 3, ANY, 0.03)! > seen);
  assert.ok(detectableDifference(20, 1, ANY, 0.06)! > 2 * seen);
  assert.ok(detectableDifference(20, 1, { leastEffect: 0.02 }, 0.03)! > seen);
  assert.ok(detectableDifference(20, 1, { leastEffect: 0.9 }, 0.01)! > 0.9);
  assert.is(detectableDifference(3, 3, ANY, 0.03), null);
});

const EXPERIMENTS = drawn({ daily: 400, whole: 2_000 });

/** The share of experiments in which a difference has the verdict of its direction. */
function foundShare(
  { pairs, gates, leastEffect, noise }: Situation,
  ratio: number,
  better: "higher" | "lower",
): number {
  const random = seededRandom(41, pairs);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const noisy = (value: number) => value * Math.exp(noise * normal());
  const expected = ratio > 1 === (better === "lower") ? "slower" : "faster";
  let found = 0;
  for (let experiment = 0; experiment < EXPERIMENTS; experiment++) {
    const measured = Array.from({ length: pairs }, () => ({ base: noisy(1), head: noisy(ratio) }));
    const statistics = pairStatistics(measured, { better, leastEffect }, gates);
    // Of the gate with the smallest p, by Holm.
    const adjusted = Math.min(1, gates * statistics.pValue!);
    if (verdictOf(statistics, adjusted, better, leastEffect) === expected) found++;
  }
  return found / EXPERIMENTS;
}

interface Situation {
  pairs: number;
  gates: number;
  leastEffect: number;
  noise: number;
}

/** The least effect is far above the noise, about the same, and far below. */
const SITUATIONS: readonly Situation[] = [
  { pairs: 20, gates: 1, leastEffect: 0.05, noise: 0.01 },
  { pairs: 20, gates: 3, leastEffect: 0.03, noise: 0.03 },
  { pairs: 20, gates: 3, leastEffect: 0.1, noise: 0.2 },
  { pairs: 8, gates: 3, leastEffect: 0.03, noise: 0.015 },
  { pairs: 7, gates: 1, leastEffect: 0.9, noise: 0.15 },
  { pairs: 60, gates: 2, leastEffect: 0.2, noise: 0.3 },
  { pairs: 60, gates: 2, leastEffect: 0.05, noise: 0.01 },
];

test("the difference that is reported gets its verdict in four of five experiments", () => {
  for (const [at, situation] of SITUATIONS.entries()) {
    const { pairs, gates, noise } = situation;
    const difference = detectableDifference(pairs, gates, situation, noise)!;
    const better = at % 2 === 0 ? "higher" : "lower";
    const ratio = at % 3 === 0 ? 1 / (1 + difference) : 1 + difference;
    const share = foundShare(situation, ratio, better);
    const allowed = 4 * Math.sqrt((0.8 * 0.2) / EXPERIMENTS);
    assert.ok(Math.abs(share - 0.8) < allowed, `${JSON.stringify(situation)}: ${share}`);
  }
});

test("the least effect and the margin in units of the noise get their verdict as often or more", () => {
  for (const situation of SITUATIONS) {
    const { pairs, gates, leastEffect, noise } = situation;
    const ratio = (1 + leastEffect) * Math.exp(marginInNoise(pairs, gates)! * noise);
    const share = foundShare(situation, ratio, "lower");
    const allowed = 4 * Math.sqrt((0.8 * 0.2) / EXPERIMENTS);
    assert.ok(share > 0.8 - allowed, `${JSON.stringify(situation)}: ${share}`);
  }
});

test("what the pairs themselves would have seen is never below the least effect", () => {
  const measured = Array.from({ length: 20 }, (_, at) => ({ base: 1, head: 1.046 + at * 1e-4 }));
  const { detectableEffect } = pairStatistics(measured, { better: "lower", leastEffect: 0.05 }, 1);
  assert.ok(detectableEffect! > 0.05 && detectableEffect! < 0.06, String(detectableEffect));
  const equal = measured.map(({ base }) => ({ base, head: 1.2 }));
  const without = pairStatistics(equal, { better: "lower", leastEffect: 0.05 }, 1);
  assert.ok(Math.abs(without.detectableEffect! - 0.05) < 1e-9, String(without.detectableEffect));
});

test.run();
