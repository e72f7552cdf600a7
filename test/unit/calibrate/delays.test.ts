/** Tests the distribution of the fake etcd's delays, and the queue of delayed answers. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DELAYS } from "../../../src/calibrate/accuracy.ts";
import { DelayQueue } from "../../../src/fake-etcd/delays/delay-queue.ts";
import { drawDelayMs } from "../../../src/fake-etcd/delays/delayed-answers.ts";
import { seededRandom } from "../../../src/random.ts";

test("the queue returns every item, the earliest first, in any order of adding and taking", () => {
  const step = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DelayQueue<number>();
      const model: number[] = [];
      const takeBoth = () => {
        model.sort((a, b) => a - b);
        assert.is(queue.nextNs, model[0] ?? Number.POSITIVE_INFINITY);
        assert.is(queue.take(), model.shift());
      };
      // A number is added; null takes one item out.
      for (const dueNs of steps) {
        if (dueNs === null) takeBoth();
        else {
          queue.add(dueNs, dueNs);
          model.push(dueNs);
        }
      }
      while (model.length > 0) takeBoth();
      assert.is(queue.take(), undefined);
    }),
  );
});

test("the drawn delays have the percentiles of the distribution", () => {
  const random = seededRandom(DELAYS.seed, 0);
  const draws = Float64Array.from({ length: 50_000 }, () => drawDelayMs(DELAYS, random)).sort();
  assert.ok(draws[0]! >= DELAYS.leastMs);
  assert.ok(draws.at(-1)! <= DELAYS.mostMs);
  // The normal distribution's quantiles.
  for (const [share, z] of [
    [0.5, 0],
    [0.9, 1.2816],
    [0.99, 2.3263],
    [0.999, 3.0902],
  ] as const) {
    const expected = DELAYS.leastMs + DELAYS.medianMs * Math.exp(DELAYS.sigma * z);
    const drawn = draws[Math.floor(share * draws.length)]!;
    assert.ok(Math.abs(drawn / expected - 1) < 0.05, `p${share * 100}: ${drawn} of ${expected}`);
  }
});

test("the same seed draws the same delays", () => {
  const draw = () => {
    const random = seededRandom(DELAYS.seed, 0);
    return Array.from({ length: 100 }, () => drawDelayMs(DELAYS, random));
  };
  assert.equal(draw(), draw());
});

test.run();
