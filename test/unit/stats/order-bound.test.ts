/** Tests how many slow samples prove that a percentile is slow. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { provingSamples } from "../../../src/stats/order-bound.ts";

/** P(Binomial(count, share) >= k), added up term by term. */
function tailOf(count: number, share: number, k: number): number {
  let chance = (1 - share) ** count;
  let below = 0;
  for (let each = 0; each < k; each++) {
    below += chance;
    chance *= ((count - each) / (each + 1)) * (share / (1 - share));
  }
  return 1 - below;
}

test("so many samples prove a percentile that chance brings them in fewer than one of a thousand runs", () => {
  for (const share of [0.5, 0.1, 0.05, 0.01, 0.001]) {
    for (const count of [20, 150, 1_000]) {
      const proving = provingSamples(count, share);
      const fewest = Array.from({ length: count }, (_, at) => at + 1).find(
        (k) => tailOf(count, share, k) <= 1 / 1000,
      );
      assert.is(proving, fewest ?? null, `${count} samples, ${share}`);
    }
  }
  assert.is(provingSamples(9, 0.5), null);
});

test("the proof for a run of days with a thousand billion requests takes no walk through all of them", () => {
  for (const [count, share] of [
    [2 ** 31, 0.01],
    [5e9, 0.001],
    [1e12, 0.001],
  ] as const) {
    const deviation = Math.sqrt(count * share * (1 - share));
    // The normal distribution, which these are, exceeds 3.09 deviations in one of a thousand.
    const deviations = (provingSamples(count, share)! - count * share) / deviation;
    assert.ok(Math.abs(deviations - 3.0902) < 0.01, `${count} samples: ${deviations}`);
  }
});

test.run();
