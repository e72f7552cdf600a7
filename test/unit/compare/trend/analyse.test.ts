/** Proves what is read out of one series: changes with their size, levels, outliers, the alarm. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { analyseSeries } from "../../../../src/compare/trend/analyse.ts";
import { noisyRatios } from "./noisy-ratios.ts";

const LATENCY = { better: "lower", leastEffect: 0.1, seed: 1 } as const;
const HIGHER = { ...LATENCY, better: "higher" } as const;

test("a step is a change with its size, two levels and an alarm, until it is undone", () => {
  const stepped = noisyRatios(1, 60, (at) => (at < 40 ? 1 : 1.3));
  const { changes, levels, alarm } = analyseSeries(stepped, LATENCY);
  assert.is(changes.length, 1);
  const [change] = changes;
  assert.ok(change!.isReported && Math.abs(change!.at - 40) <= 2, JSON.stringify(change));
  assert.ok(change!.earliest <= change!.at && change!.at <= change!.latest);
  assert.is(change!.direction, "slower");
  assert.ok(Math.abs(change!.effect - 1.3) < 0.03, `${change!.effect}`);
  assert.equal(
    levels.map(({ from, to }) => [from, to]),
    [
      [0, change!.at],
      [change!.at, 60],
    ],
  );
  assert.is(alarm!.at, change!.at);
  assert.ok(Math.abs(alarm!.effect - 1.3) < 0.03);
  const undone = noisyRatios(1, 90, (at) => (at < 40 || at >= 70 ? 1 : 1.3));
  const second = analyseSeries(undone, LATENCY);
  assert.equal(
    second.changes.map(({ direction }) => direction),
    ["slower", "faster"],
  );
  assert.is(second.alarm, null);
});

test("an improvement does not alarm, and its loss does; more throughput is an improvement", () => {
  const better = noisyRatios(2, 60, (at) => (at < 30 ? 1 : 0.8));
  assert.is(analyseSeries(better, LATENCY).alarm, null);
  const lost = noisyRatios(2, 90, (at) => (at < 30 || at >= 60 ? 1 : 0.8));
  const { alarm, changes } = analyseSeries(lost, LATENCY);
  assert.ok(Math.abs(alarm!.effect - 1.25) < 0.03);
  // Since the best level ended, not since the first change.
  assert.is(alarm!.at, changes[1]!.at);
  const throughput = analyseSeries(better, { ...LATENCY, better: "higher" });
  assert.is(throughput.changes[0]!.direction, "slower");
  assert.ok(Math.abs(throughput.alarm!.effect - 0.8) < 0.03);
});

test("a part of a regression that stays alarms, though the last change was for the better", () => {
  const partly = noisyRatios(3, 90, (at) => (at < 30 ? 1 : at < 60 ? 1.5 : 1.25));
  const { alarm, changes } = analyseSeries(partly, LATENCY);
  assert.is(changes.at(-1)!.direction, "faster");
  assert.ok(Math.abs(alarm!.effect - 1.25) < 0.03);
});

test("a change below the least effect is dropped, however certain it is", () => {
  const small = noisyRatios(4, 100, (at) => (at < 50 ? 1 : 1.07), 0.01);
  const { changes, levels, alarm } = analyseSeries(small, LATENCY);
  assert.equal([changes, levels.length, alarm], [[], 1, null]);
  assert.is(analyseSeries(small, { ...LATENCY, leastEffect: 0.05 }).changes.length, 1);
});

test("a newest point far out draws no change towards itself", () => {
  const ratios = Array.from(
    { length: 20 },
    (_, at) => (at < 12 ? 1 : 0.8) + ((at * 7) % 5) / 1_000,
  );
  const before = analyseSeries(ratios, HIGHER);
  const { changes, alarm, isNewestFar } = analyseSeries([...ratios, 4], HIGHER);
  assert.is(isNewestFar, true);
  assert.equal(
    changes.map(({ at, direction }) => [at, direction]),
    [[12, "slower"]],
  );
  assert.equal([changes, alarm], [before.changes, before.alarm]);
});

test("a lone point far out is an outlier and moves no level; the newest one is only reported", () => {
  const ratios = noisyRatios(5, 60, () => 1);
  ratios[30] = 4;
  const { outliers, levels, changes, isNewestFar } = analyseSeries(ratios, LATENCY);
  assert.equal(outliers, [30]);
  assert.equal([changes.length, isNewestFar], [0, false]);
  assert.ok(Math.abs(levels[0]!.ratio - 1) < 0.01, `${levels[0]!.ratio}`);
  const newest = analyseSeries([...ratios, 4], LATENCY);
  assert.equal([newest.outliers, newest.isNewestFar], [[30], true]);
});

test("a newest point far out takes back no alarm, whichever way it lies", () => {
  const stepped = noisyRatios(1, 40, (at) => (at < 20 ? 1 : 1.3));
  const { alarm, changes } = analyseSeries(stepped, LATENCY);
  for (const far of [0.3, 4]) {
    const after = analyseSeries([...stepped, far], LATENCY);
    assert.ok(after.isNewestFar);
    assert.equal([after.alarm, after.changes], [alarm, changes]);
    assert.is(after.levels.at(-1)!.to, 41);
  }
  // Two more of its kind, and it is a change.
  const changed = analyseSeries([...stepped, 4, 4.1, 3.9, 4, 4.05, 3.95, 4.1, 4], LATENCY);
  assert.is(changed.changes.at(-1)!.at, 40);
});

test("the index of a change includes the outliers before it", () => {
  const ratios = noisyRatios(6, 60, (at) => (at < 40 ? 1 : 1.5));
  ratios[20] = 5;
  const { changes } = analyseSeries(ratios, LATENCY);
  assert.equal(
    changes.map(({ at }) => at),
    [40],
  );
});

test("20 flat series of 100 points alarm at most once", () => {
  let alarms = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const { alarm } = analyseSeries(
      noisyRatios(seed + 100, 100, () => 1),
      {
        ...LATENCY,
        // So that nothing is dropped for being small.
        leastEffect: 1e-6,
        seed,
      },
    );
    if (alarm !== null) alarms++;
  }
  assert.ok(alarms <= 1, `${alarms}`);
});

test("one point, and few, are a level without changes", () => {
  for (const ratios of [[1.1], [1, 1.2, 0.9]]) {
    const { levels, changes } = analyseSeries(ratios, LATENCY);
    assert.equal([levels.length, levels[0]!.to, changes.length], [1, ratios.length, 0]);
  }
});

test("a point that is off by less than the least effect is not far out, however quiet the series", () => {
  // Rates of steady loads differ by the time of the last answer alone.
  const quiet = Array.from({ length: 60 }, (_, at) => 1 + (at % 3) * 1e-5);
  const rate = { ...HIGHER, leastEffect: 0.03 };
  const off = [...quiet.slice(0, 40), 1.001, ...quiet.slice(41)];
  assert.equal(analyseSeries(off, rate).outliers, []);
  assert.is(analyseSeries([...quiet, 0.999], rate).isNewestFar, false);
  const far = [...quiet.slice(0, 40), 1.05, ...quiet.slice(41)];
  assert.equal(analyseSeries(far, rate).outliers, [40]);
  assert.is(analyseSeries([...quiet, 0.95], rate).isNewestFar, true);
});

test.run();
