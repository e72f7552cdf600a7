/** Tests the slices of a run: together they are the whole plan, interleaved evenly. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sliceRun } from "../../../src/run/slices.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";

const ONE = [{}];
const TWO = [{}, {}];

function plan(options: {
  total?: number | null;
  durationMs?: number | null;
  clients?: number;
  ratePerSec?: number | null;
}) {
  const { total = null, durationMs = null, clients = 10, ratePerSec = null } = options;
  return planFixture({
    limits: { totalRequests: total, durationMs },
    load: { clients },
    pacing: { ratePerSec },
  });
}

test("one operation is measured in one slice", () => {
  assert.equal(sliceRun(plan({ total: 77, durationMs: 5, ratePerSec: 9 }), ONE), [
    { operation: 0, requests: 77, durationMs: 5, ratePerSec: 9 },
  ]);
  assert.equal(sliceRun(plan({ total: 77 }), ONE), [
    { operation: 0, requests: 77, durationMs: null, ratePerSec: null },
  ]);
});

test("two operations take turns as A B B A A B B A", () => {
  const order = sliceRun(plan({ total: 10_000 }), TWO).map(({ operation }) => operation);
  assert.equal(order.slice(0, 8), [0, 1, 1, 0, 0, 1, 1, 0]);
});

const plans = fc.record({
  total: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
  durationMs: fc.option(fc.integer({ min: 1, max: 600_000 })),
  clients: fc.integer({ min: 1, max: 1_000 }),
});

test("the slices of each operation add up to the plan, and have the same mean position", () => {
  fc.assert(
    fc.property(plans, (options) => {
      const slices = sliceRun(plan(options), TWO);
      const places = [0, 0];
      for (const operation of [0, 1]) {
        const own = slices.filter((slice) => slice.operation === operation);
        if (options.total === null) {
          assert.ok(own.every(({ requests }) => requests === null));
        } else {
          assert.is(
            own.reduce((sum, { requests }) => sum + requests!, 0),
            options.total,
          );
        }
        if (options.durationMs === null) {
          assert.ok(own.every(({ durationMs }) => durationMs === null));
        } else {
          const sumMs = own.reduce((sum, { durationMs }) => sum + durationMs!, 0);
          assert.ok(Math.abs(sumMs - options.durationMs) < 1e-6 * options.durationMs);
        }
        assert.ok(own.length >= 2 && own.length <= 10 && own.length % 2 === 0);
      }
      slices.forEach(({ operation }, place) => {
        places[operation]! += place;
      });
      assert.is(places[0], places[1], "one of them comes earlier on the whole");
    }),
  );
});

test("slices differ by one request at most", () => {
  const requests = sliceRun(plan({ total: 9_999, clients: 1 }), TWO).map(
    (slice) => slice.requests!,
  );
  assert.ok(Math.max(...requests) - Math.min(...requests) <= 1);
});

test("slices are long enough that their start and end do not dominate", () => {
  assert.is(sliceRun(plan({ total: 1_000, clients: 50 }), TWO).length, 4);
  assert.is(sliceRun(plan({ total: 1_000, clients: 20 }), TWO).length, 8);
  assert.is(sliceRun(plan({ durationMs: 2_000 }), TWO).length, 8);
  assert.is(sliceRun(plan({ durationMs: 60_000 }), TWO).length, 20);
  assert.is(sliceRun(plan({ total: 1_000_000, durationMs: 1_100 }), TWO).length, 4);
});

test("the set-up comes first, once, and unpaced", () => {
  const slices = sliceRun(plan({ total: 10, ratePerSec: 5 }), [{ setUpRequests: 3 }, {}]);
  assert.equal(slices, [
    { operation: 0, requests: 3, durationMs: null, ratePerSec: null },
    { operation: 1, requests: 10, durationMs: null, ratePerSec: 5 },
  ]);
});

test.run();
