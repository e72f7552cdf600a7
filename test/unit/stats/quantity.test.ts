/** Distributions of whole numbers that are no times: 0 counts, and small ones are exact. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { QuantityHistogram } from "../../../src/stats/quantity.ts";

test.before(initHistograms);

function resultOf(...values: number[]) {
  const histogram = new QuantityHistogram();
  for (const value of values) histogram.record(value);
  const result = histogram.result();
  histogram.destroy();
  return result;
}

test("zeros and small numbers are what they were", () => {
  const result = resultOf(...Array<number>(980).fill(0), ...Array<number>(20).fill(7));
  assert.is(result.count, 1_000);
  assert.is(result.min, 0);
  assert.is(result.p50, 0);
  assert.is(result.p99, 7);
  assert.is(result.max, 7);
  assert.ok(Math.abs(result.mean! - 0.14) < 1e-9, `${result.mean}`);
});

test("a percentile that too few samples carry is null, and so is all of nothing", () => {
  assert.is(resultOf(1, 2, 3).p50, null);
  assert.is(resultOf(1, 2, 3).max, 3);
  assert.equal(Object.values(resultOf()), [0, ...Array<null>(8).fill(null)]);
});

test("what two threads took adds up to what one would have had, and is taken once", () => {
  const [one, other, sum] = [
    new QuantityHistogram(),
    new QuantityHistogram(),
    new QuantityHistogram(),
  ];
  for (let value = 0; value < 100; value++) (value % 2 === 0 ? one! : other!).record(value);
  sum!.addEncoded(one!.takeEncoded());
  sum!.addEncoded(other!.takeEncoded());
  const whole = resultOf(...Array.from({ length: 100 }, (_, value) => value));
  assert.equal(sum!.result(), whole);
  assert.is(one!.count, 0);
  for (const histogram of [one!, other!, sum!]) histogram.destroy();
});

test.run();
