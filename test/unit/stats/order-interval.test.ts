import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../src/random.ts";
import { medianInterval, percentileUpperBound } from "../../../src/stats/order-interval.ts";
import { cases } from "../../harness/whole-run.ts";

test("the median of nine samples is between the second and the eighth, as in published tables", () => {
  assert.equal(medianInterval([9, 1, 8, 2, 7, 3, 6, 4, 5]), { low: 2, high: 8 });
});

test("with fewer than six samples there is no interval of 95%", () => {
  assert.is(medianInterval([1, 2, 3, 4, 5]), null);
  assert.equal(medianInterval([1, 2, 3, 4, 5, 6]), { low: 1, high: 6 });
});

test("the interval contains the true median at least as often as stated", () => {
  const random = seededRandom(7, 1);
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 40 }), (count) => {
      let hits = 0;
      for (let round = 0; round < 400; round++) {
        const { low, high } = medianInterval(Array.from({ length: count }, () => random() ** 3))!;
        if (low <= 0.125 && 0.125 <= high) hits += 1;
      }
      assert.ok(hits >= 0.9 * 400, `${hits} of 400 with ${count} samples`);
    }),
    { numRuns: cases(20) },
  );
});

test("the upper bound of a percentile is a sample above it, or the largest one", () => {
  const sorted = Array.from({ length: 1_000 }, (_, at) => at);
  assert.is(percentileUpperBound(sorted, 0.99), 996);
  assert.is(percentileUpperBound([1, 2, 3], 0.99), 3);
  assert.ok(Number.isNaN(percentileUpperBound([], 0.99)));
});

test.run();
