/** Lines and their labels. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pathOf, spread } from "../../../../src/report/html/plot.ts";

test("a path goes from point to point and starts again after a gap", () => {
  const points = [{ x: 0, y: 0 }, { x: 0.5, y: 1 }, null, { x: 1, y: 0.25 }];
  assert.is(pathOf(points), "M0 1000L500 0M1000 750");
});

test("labels keep their order and their distance, and stay on the panel", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
      (places) => {
        const gap = 0.1;
        const moved = spread(places, gap);
        const order = places.map((_, at) => at).sort((a, b) => places[a]! - places[b]!);
        for (const [at, index] of order.entries()) {
          assert.ok(moved[index]! <= 1 + 1e-9 && moved[index]! >= -1e-9, `${moved[index]}`);
          if (at === 0) continue;
          assert.ok(moved[index]! - moved[order[at - 1]!]! >= gap - 1e-9, `${moved}`);
        }
      },
    ),
  );
});

test("labels that are far enough apart do not move", () => {
  assert.equal(spread([0.9, 0.1, 0.5], 0.1), [0.9, 0.1, 0.5]);
});

test.run();
