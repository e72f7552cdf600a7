/** Axes: ticks are round and at their values, and every value of the domain is on the axis. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  linearScale,
  logScale,
  percentileScale,
  roundStep,
  type Scale,
} from "../../../../src/report/html/scale.ts";

const near = (a: number, b: number) => Math.abs(a - b) < 1e-6;

function isOnAxis({ at, ticks }: Scale, value: number): void {
  assert.ok(at(value) >= -1e-9 && at(value) <= 1 + 1e-9, `${value} at ${at(value)}`);
  for (const tick of ticks) assert.ok(tick.at >= -1e-9 && tick.at <= 1 + 1e-9, `${tick.at}`);
}

test("a linear axis starts at 0 and has round ticks up to or above the largest value", () => {
  const { ticks, at } = linearScale(873, String);
  assert.equal(
    ticks.map(({ label }) => label),
    ["0", "200", "400", "600", "800", "1000"],
  );
  assert.is(at(500), 0.5);
  assert.equal(
    linearScale(0.3, String, { steps: 2 }).ticks.map(({ label }) => label),
    ["0", "0.2", "0.4"],
  );
});

test("a tight axis ends at its last value, not at a tick", () => {
  const { ticks, at } = linearScale(21.8, String, { isTight: true });
  assert.is(at(21.8), 1);
  assert.equal(
    ticks.map(({ label }) => label),
    ["0", "5", "10", "15", "20"],
  );
});

test("every value up to the largest is on a linear axis, in order", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 1e12, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (max, share) => {
        const scale = linearScale(max, String);
        isOnAxis(scale, max * share);
        assert.ok(scale.at(max) > 0.4, "most of the axis is used");
        assert.ok(scale.ticks.length >= 2 && scale.ticks.length <= 7, `${scale.ticks.length}`);
      },
    ),
  );
});

test("an axis of zeros has a length", () => {
  isOnAxis(linearScale(0, String), 0);
});

test("a log axis begins and ends at marks of 1, 2 and 5 around its values", () => {
  const { ticks, at } = logScale(0.3, 40, String);
  assert.equal(
    ticks.map(({ label }) => label),
    ["0.2", "0.5", "1", "2", "5", "10", "20", "50"],
  );
  assert.is(at(0.2), 0);
  assert.ok(near(at(10) - at(1), at(1) - at(0.1)));
});

test("a log axis of many decades has ticks only at powers of ten", () => {
  assert.equal(
    logScale(0.02, 9000, String).ticks.map(({ label }) => label),
    ["0.1", "1", "10", "100", "1000", "10000"],
  );
});

test("every value between the ends is on a log axis, and so is a single value", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 8 }),
      fc.nat(999),
      fc.nat(100),
      (power, digits, more) => {
        const min = (1 + digits / 100) * 10 ** power;
        isOnAxis(logScale(min, min * (1 + more), String), min * (1 + more / 2));
      },
    ),
  );
});

test("the distance of percentiles is the number of factors of ten between their tails", () => {
  const { at, ticks } = percentileScale(99.99);
  assert.ok(near(at(90), 0.25) && near(at(99), 0.5) && near(at(99.9), 0.75) && near(at(99.99), 1));
  assert.equal(
    ticks.map(({ label }) => label),
    ["0%", "50%", "90%", "99%", "99.9%", "99.99%"],
  );
});

test("steps are 1, 2 or 5 times a power of ten", () => {
  for (const [least, step] of [
    [0.9, 1],
    [1, 1],
    [1.1, 2],
    [21, 50],
    [600, 1000],
    [0.003, 0.005],
  ] as const) {
    assert.ok(near(roundStep(least), step), `${least}`);
  }
});

test.run();
