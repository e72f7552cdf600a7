/** Distributions of whole numbers other than durations: 0 is counted, small ones are exact. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { LatencyCounts } from "../../../src/stats/latency-counts.ts";
import { QuantityHistogram } from "../../../src/stats/quantity.ts";
import { recordQuantity } from "../../../src/stats/quantity-counts.ts";

test.before(initHistograms);

/** Records values as a worker does. */
function addTo(histogram: QuantityHistogram, values: readonly number[]): void {
  const counts = new LatencyCounts();
  for (const value of values) recordQuantity(counts, value);
  const encode = counts.retire();
  if (encode !== null) histogram.addEncoded(encode());
}

function resultOf(...values: number[]) {
  const histogram = new QuantityHistogram();
  addTo(histogram, values);
  const result = histogram.result();
  histogram.destroy();
  return result;
}

test("zeros and small numbers are exact", () => {
  const result = resultOf(...Array<number>(980).fill(0), ...Array<number>(20).fill(7));
  assert.is(result.count, 1_000);
  assert.is(result.min, 0);
  assert.is(result.p50, 0);
  assert.is(result.p99, 7);
  assert.is(result.max, 7);
  assert.ok(Math.abs(result.mean! - 0.14) < 1e-9, `${result.mean}`);
});

test("a percentile with too few samples is null, and so are all figures without samples", () => {
  assert.is(resultOf(1, 2, 3).p50, null);
  assert.is(resultOf(1, 2, 3).max, 3);
  assert.equal(Object.values(resultOf()), [0, ...Array<null>(8).fill(null)]);
});

test("the counts of two threads add up to the counts of one thread with all values", () => {
  const sum = new QuantityHistogram();
  const values = Array.from({ length: 100 }, (_, value) => value);
  for (const rest of [0, 1]) {
    addTo(
      sum,
      values.filter((value) => value % 2 === rest),
    );
  }
  assert.equal(sum.result(), resultOf(...values));
  sum.destroy();
});

test.run();
