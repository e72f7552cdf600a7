/** Exponential buckets: each duration's bucket, and counts and sums equal to HdrHistogram's. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ExponentialHistogram, SCALE } from "../../../src/stats/exponential-histogram.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { cases } from "../../harness/whole-run.ts";

test.before(initHistograms);

function of(...seconds: number[][]): { exponential: ExponentialHistogram; hdr: LatencyHistogram } {
  const exponential = new ExponentialHistogram();
  const hdr = new LatencyHistogram();
  for (const times of seconds) {
    const second = new LatencyHistogram();
    for (const ns of times) second.recordNs(ns);
    exponential.addEncoded(second.encode());
    hdr.add(second);
    second.destroy();
  }
  return { exponential, hdr };
}

test("each duration is between the ends of its bucket", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3.6e12 }), (ns) => {
      const { exponential, hdr } = of([ns]);
      hdr.destroy();
      const [{ index, count } = { index: 0, count: 0 }] = exponential.buckets;
      assert.is(count, 1);
      const upper = 2 ** (index / 2 ** SCALE);
      const lower = 2 ** ((index - 1) / 2 ** SCALE);
      // HdrHistogram is accurate to 0.1%.
      assert.ok(ns / 1e9 <= upper * 1.001 && ns / 1e9 > lower * 0.999, `${ns} in ${index}`);
    }),
    { numRuns: cases(300) },
  );
});

test("the seconds of a run add up to its count and mean, in ascending buckets", () => {
  const { exponential, hdr } = of([1e6, 2e6, 2e6], [], [5e9, 3e5, 1e6]);
  assert.is(exponential.count, 6);
  assert.is(
    exponential.buckets.reduce((sum, { count }) => sum + count, 0),
    6,
  );
  assert.ok(Math.abs(exponential.sumSeconds / (6 * hdr.meanNs * 1e-9) - 1) < 1e-3);
  const indices = exponential.buckets.map(({ index }) => index);
  assert.equal(
    indices,
    indices.toSorted((a, b) => a - b),
  );
  assert.is(exponential.buckets.length, 4);
  hdr.destroy();
});

test.run();
