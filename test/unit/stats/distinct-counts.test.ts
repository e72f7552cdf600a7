/** Counts by text: distinct up to a bound; beyond it counts are merged, and none is lost. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorCounts } from "../../../src/stats/distinct-counts.ts";

test("for any number of texts the list is short and the counts add up", () => {
  const each = fc.record({
    code: fc.constantFrom("UNAVAILABLE", "UNKNOWN"),
    message: fc.nat(5_000).map(String),
    count: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(each, { maxLength: 400 }), (all) => {
      const counts = errorCounts();
      for (const one of all) counts.add(one);
      const result = counts.result();
      const sum = (list: readonly { count: number }[]) =>
        list.reduce((total, { count }) => total + count, 0);
      assert.ok(result.length <= 52);
      assert.is(sum(result), sum(all));
      const distinct = new Set(all.map(({ code, message }) => `${code} ${message}`));
      if (distinct.size <= 50) assert.is(result.length, distinct.size);
    }),
  );
});

test("codes that gRPC does not name are bounded like messages", () => {
  const counts = errorCounts();
  for (let code = 17; code < 5_000; code++) {
    counts.add({ code: `CODE_${code}`, message: "m", count: 1 });
  }
  const result = counts.result();
  assert.is(result.length, 51);
  assert.equal(result[0], {
    ...{ code: "(further codes)", message: "(further messages)", count: 4_983 - 50 },
  });
});

test.run();
