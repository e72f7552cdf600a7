/** Tests the offset between a thread's clock and the shared clock, on scripted clocks. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ClockOffset } from "../../src/clock.ts";

const OFFSET_NS = 7e12;

/** Two clocks, `offsetNs` apart. Each reading advances both by the next of `steps`. */
class Clocks {
  sharedNs = 9e12;
  offsetNs = OFFSET_NS;
  #steps: readonly number[];
  #next = 0;

  constructor(steps: readonly number[]) {
    this.#steps = steps;
  }

  setSteps(steps: readonly number[]): void {
    this.#steps = steps;
    this.#next = 0;
  }

  readonly shared = () => {
    this.sharedNs += this.#steps[this.#next++ % this.#steps.length]!;
    return this.sharedNs;
  };

  readonly thread = () => this.shared() - this.offsetNs;

  offset(): ClockOffset {
    return new ClockOffset(this.thread, this.shared);
  }
}

test("a thread that is stopped between two readings does not move the offset", () => {
  // In all pairs but one, a stop of 3 to 8 ms lies between the readings.
  const clocks = new Clocks([
    ...[50, 8_100_000, 50],
    ...[50, 40, 60],
    ...[50, 50, 3_000_000],
    ...[50, 5_000_000, 70],
  ]);
  assert.ok(Math.abs(clocks.offset().ns - OFFSET_NS) <= 50);
});

test("a closer pair of readings replaces the known one, a wider pair does not", () => {
  const clocks = new Clocks([100, 4_000, 1_000]);
  const offset = clocks.offset();
  const rough = offset.ns;
  assert.is.not(rough, OFFSET_NS);
  clocks.setSteps([100, 20, 20]);
  assert.is(offset.ns, OFFSET_NS);
  clocks.setSteps([100, 4_000, 1_000]);
  assert.is(offset.ns, OFFSET_NS);
});

test("the offset follows clocks that drift apart by more than the possible error", () => {
  const clocks = new Clocks([100, 20, 20]);
  const offset = clocks.offset();
  assert.is(offset.ns, OFFSET_NS);
  clocks.offsetNs += 10;
  assert.ok(Math.abs(offset.ns - clocks.offsetNs) <= 20);
  clocks.offsetNs += 5_000;
  clocks.setSteps([100, 25, 25]);
  assert.is(offset.ns, clocks.offsetNs);
});

test("the error of the offset is at most half of the closest pair's distance", () => {
  const step = fc.integer({ min: 1, max: 10_000_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(step, step, step), { minLength: 8, maxLength: 8 }), (pairs) => {
      const clocks = new Clocks(pairs.flat());
      const closestNs = Math.min(...pairs.map(([, before, after]) => before + after));
      assert.ok(Math.abs(clocks.offset().ns - OFFSET_NS) <= closestNs / 2);
    }),
  );
});

test.run();
