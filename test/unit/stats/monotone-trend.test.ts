/** The test for a monotone trend: known scores, chance level, and correlated neighbours. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../src/random.ts";
import { monotoneTrend, type TrendPoint } from "../../../src/stats/monotone-trend.ts";
import { upperNormalTail } from "../../../src/stats/normal-tail.ts";
import { cases } from "../../harness/whole-run.ts";

function pointsOf(values: readonly number[]): TrendPoint[] {
  return values.map((value, at) => ({ at, value }));
}

/** Normal noise, by the Box-Muller method. */
function normalNoise(seed: number): () => number {
  const random = seededRandom(seed, 7);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

test("the tail of the normal distribution has the values of published tables", () => {
  for (const [z, expected] of [
    [0, 0.5],
    [1, 0.158655254],
    [1.96, 0.024997895],
    [3, 0.001349898],
    [5, 2.866516e-7],
  ] as const) {
    assert.ok(Math.abs(upperNormalTail(z) - expected) < 1e-7, `${z}`);
  }
});

test("ten rising values have the score 45 and the p-value of that score", () => {
  const trend = monotoneTrend([pointsOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]);
  assert.is(trend!.slope, 1);
  // The variance is 10 * 9 * 25 / 18 = 125, so z = 44 / sqrt(125).
  assert.ok(Math.abs(trend!.pValue - 2 * upperNormalTail(44 / Math.sqrt(125))) < 1e-12);
});

test("equal values have no trend, and for one value the trend is null", () => {
  assert.equal(monotoneTrend([pointsOf([3, 3, 3, 3, 3])]), { slope: 0, pValue: 1 });
  assert.is(monotoneTrend([pointsOf([3])]), null);
  assert.is(monotoneTrend([]), null);
});

test("a jump between two groups is not a trend", () => {
  const flat = pointsOf([10, 11, 10, 11, 10, 11, 10, 11]);
  const higher = flat.map(({ at, value }) => ({ at: at + 100, value: value + 50 }));
  const apart = monotoneTrend([flat, higher])!;
  const asOne = monotoneTrend([[...flat, ...higher]])!;
  assert.ok(apart.pValue > 0.3);
  assert.ok(Math.abs(apart.slope) < 0.2 && asOne.slope > 0.3, "as one group they rise");
});

test("negated values have the negated slope and the same p-value", () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 25 });
  fc.assert(
    fc.property(values, (drawn) => {
      const up = monotoneTrend([pointsOf(drawn)])!;
      const down = monotoneTrend([pointsOf(drawn.map((value) => -value))])!;
      assert.is(down.slope + 0, -up.slope + 0);
      assert.ok(Math.abs(down.pValue - up.pValue) < 1e-12);
      assert.ok(up.pValue > 0 && up.pValue <= 1);
    }),
    { numRuns: cases(50) },
  );
});

test("values without a trend give alarms as often as p says, even if neighbours are correlated", () => {
  for (const resemblance of [0, 0.6]) {
    const noise = normalNoise(11);
    let alarms = 0;
    const series = 300;
    for (let each = 0; each < series; each++) {
      let value = noise();
      const values = Array.from({ length: 40 }, () => {
        value = resemblance * value + noise();
        return value;
      });
      if (monotoneTrend([pointsOf(values)])!.pValue < 0.05) alarms++;
    }
    // 15 are expected; without the correction the correlated series would have about 90.
    assert.ok(alarms < 45, `${alarms} of ${series} at a resemblance of ${resemblance}`);
  }
});

test("a rise of half a deviation in ten rows is found in sixty rows of noise", () => {
  const noise = normalNoise(3);
  let found = 0;
  for (let each = 0; each < 100; each++) {
    const values = Array.from({ length: 60 }, (_, at) => 0.05 * at + noise());
    if (monotoneTrend([pointsOf(values)])!.pValue < 0.01) found++;
  }
  assert.ok(found >= 90, `${found} of 100`);
});

test.run();
