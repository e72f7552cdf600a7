/** Finds changes in planted and flat series, and outliers. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../src/random.ts";
import { findChanges, largestSplit } from "../../../src/stats/e-divisive.ts";
import { findOutliers } from "../../../src/stats/outliers.ts";
import { drawn } from "../../harness/whole-run.ts";

/** Normal noise of deviation 1 around `mean(at)`. */
function noisy(seed: number, length: number, mean: (at: number) => number): number[] {
  const random = seededRandom(seed, 1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length }, (_, at) => mean(at) + normal());
}

const reported = (series: readonly number[], seed: number) =>
  findChanges(series, { seed }).filter(({ isReported }) => isReported);

test("a shift of two deviations is found in every series, mostly within two points", () => {
  const count = drawn({ daily: 20, whole: 60 });
  let near = 0;
  let held = 0;
  for (let seed = 1; seed <= count; seed++) {
    const planted = 20 + seed;
    const changes = reported(
      noisy(seed, 100, (at) => (at < planted ? 0 : 2)),
      seed,
    );
    assert.ok(changes.length > 0, `seed ${seed}`);
    if (changes.some(({ at }) => Math.abs(at - planted) <= 2)) near++;
    if (changes.some(({ earliest, latest }) => earliest <= planted && planted <= latest)) held++;
  }
  // With this noise no rule can locate every change, as change-position.test.ts shows.
  assert.ok(near >= count * 0.95, `${near} of ${count} are near`);
  assert.ok(held >= count * 0.9, `${held} of ${count} lie in their stretch of 95%`);
});

test("a change far larger than the noise is located exactly", () => {
  for (const planted of [3, 4, 20, 50, 56, 57]) {
    const [change, ...others] = reported(
      noisy(planted, 60, (at) => (at < planted ? 0 : 20)),
      1,
    );
    assert.is(others.length, 0);
    assert.equal([change!.earliest, change!.at, change!.latest], [planted, planted, planted]);
  }
});

test("20 flat series of 100 points give at most one alarm", () => {
  let alarms = 0;
  for (let seed = 1; seed <= 20; seed++) {
    alarms += reported(
      noisy(seed + 500, 100, () => 0),
      seed,
    ).length;
  }
  assert.ok(alarms <= 1, `${alarms} alarms`);
});

test("several changes are found in order", () => {
  const series = noisy(3, 120, (at) => (at < 40 ? 0 : at < 80 ? 5 : 1));
  assert.equal(
    reported(series, 1).map(({ at }) => Math.round(at / 10) * 10),
    [40, 80],
  );
});

test("the split maximizes the published statistic, over every split and end", () => {
  for (let seed = 1; seed <= 100; seed++) {
    // Lengths of every remainder modulo the number of points that are added together.
    const series = noisy(seed, 6 + (seed % 9), () => 0);
    assert.is(largestSplit(series)!.at, publishedSplit(series), `seed ${seed}`);
  }
});

/** Calculates the statistic term by term, as Matteson and James define it. */
function publishedSplit(series: readonly number[]): number {
  const distances = (from: number, to: number) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      for (let j = i + 1; j < to; j++) sum += Math.abs(series[i]! - series[j]!);
    }
    return sum;
  };
  let best = { q: Number.NEGATIVE_INFINITY, at: -1 };
  for (let end = 6; end <= series.length; end++) {
    for (let at = 3; at <= end - 3; at++) {
      const [m, w] = [at, end - at];
      const [x, y] = [distances(0, at), distances(at, end)];
      const between = distances(0, end) - x - y;
      const q =
        (2 / (m + w)) * between -
        ((2 * w) / ((m + w) * (m - 1))) * x -
        ((2 * m) / ((m + w) * (w - 1))) * y;
      if (q > best.q) best = { q, at };
    }
  }
  return best.at;
}

test("the same seed gives the same changes, and short or constant series have none", () => {
  const series = noisy(9, 60, (at) => (at < 30 ? 0 : 3));
  assert.equal(findChanges(series, { seed: 5 }), findChanges(series, { seed: 5 }));
  for (const short of [[], [1], [1, 2, 3, 4, 5], Array(50).fill(7)]) {
    assert.equal(findChanges(short), []);
  }
});

test("a point far out is an outlier if the next ones are not, and a change if they are", () => {
  const calm = noisy(2, 20, () => 0);
  const none = { isNewestFar: false, isNewestAlone: false };
  assert.equal(findOutliers([...calm, 30, 0.1, -0.2], 0), { alone: [20], ...none });
  assert.equal(findOutliers([...calm, 30, 31, 29], 0).alone, []);
  const far = { alone: [], isNewestFar: true };
  assert.equal(findOutliers([...calm, 30], 0), { ...far, isNewestAlone: true });
  assert.equal(findOutliers([...calm, 30, 31], 0), { ...far, isNewestAlone: false });
  assert.equal(findOutliers([0, 0.1, 50], 0), { alone: [], ...none });
});

test.run();
