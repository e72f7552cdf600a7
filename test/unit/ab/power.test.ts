/** Tests the smallest effect that a number of pairs detects, against published figures. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { detectableFraction, detectableInNoise, leastPairs } from "../../../src/ab/power.ts";
import { ALPHA } from "../../../src/compare/judge-metric.ts";
import { signedRankTest } from "../../../src/stats/signed-rank.ts";

test("leastPairs is enough for a significant result, and one fewer is not", () => {
  for (const gates of [1, 2, 3, 9, 24]) {
    const least = leastPairs(gates);
    const bestP = (pairs: number) =>
      signedRankTest(Array.from({ length: pairs }, (_, at) => at + 1)).pValue;
    assert.ok(bestP(least) <= ALPHA / gates, `${gates} gates, ${least} pairs`);
    assert.ok(bestP(least - 1) > ALPHA / gates, `${gates} gates, ${least - 1} pairs`);
    assert.is.not(detectableInNoise(least, gates), null);
    assert.is(detectableInNoise(least - 1, gates), null);
  }
});

test("one gate detects 1.46, 0.96 and 0.65 times the noise with 10, 20 and 40 pairs", () => {
  for (const [pairs, expected] of [
    [10, 1.46],
    [20, 0.96],
    [40, 0.65],
  ] as const) {
    const seen = detectableInNoise(pairs, 1)!;
    assert.ok(Math.abs(seen - expected) < 0.03, `${pairs} pairs: ${seen}`);
  }
});

test("the detectable effect grows with the number of gates and with the noise", () => {
  assert.ok(detectableInNoise(20, 3)! > detectableInNoise(20, 1)!);
  assert.ok(detectableFraction(20, 3, 0.06)! > 2 * detectableFraction(20, 3, 0.03)!);
  const seen = detectableFraction(20, 1, 0.03)!;
  assert.ok(Math.abs(seen - 0.0292) < 0.001, String(seen));
  assert.is(detectableFraction(3, 3, 0.03), null);
});

test.run();
