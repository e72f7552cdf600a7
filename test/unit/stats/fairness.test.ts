/** Jain's fairness index: its bounds, and its independence of order and scale. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fairnessOf } from "../../../src/stats/fairness.ts";

test("equal shares give 1, one share of everything gives 1/n, and zero shares give null", () => {
  assert.equal(fairnessOf([5, 5, 5, 5]), { contenders: 4, least: 5, most: 5, jainIndex: 1 });
  assert.equal(fairnessOf([8, 0, 0, 0]), { contenders: 4, least: 0, most: 8, jainIndex: 0.25 });
  assert.equal(fairnessOf([0, 0]), { contenders: 2, least: 0, most: 0, jainIndex: null });
  assert.equal(fairnessOf([]), { contenders: 0, least: 0, most: 0, jainIndex: null });
});

test("shares of 2 and 1 give 0.9", () => {
  assert.is(fairnessOf([2, 1]).jainIndex, 0.9);
});

test("the index is between 1/n and 1, for any order and scale", () => {
  const shares = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(shares, fc.integer({ min: 2, max: 9 }), (dealt, scale) => {
      const { jainIndex, least, most, contenders } = fairnessOf(dealt);
      assert.equal(
        [least, most, contenders],
        [Math.min(...dealt), Math.max(...dealt), dealt.length],
      );
      if (jainIndex === null) return assert.is(most, 0);
      assert.ok(jainIndex >= 1 / dealt.length - 1e-12 && jainIndex <= 1 + 1e-12, `${jainIndex}`);
      const others = [dealt.toReversed(), dealt.map((share) => share * scale)];
      for (const same of others) {
        assert.ok(Math.abs(fairnessOf(same).jainIndex! - jainIndex) < 1e-9);
      }
    }),
  );
});

test.run();
