import { test } from "uvu";
import * as assert from "uvu/assert";
import { clockSpread, OffsetBounds } from "../../../../src/doctor/probes/clocks.ts";

/** The bounds after answers to requests at these times, from a clock that is `aheadMs` ahead. */
function boundsOf(aheadMs: number, sentMs: readonly number[], tripMs = 2) {
  const bounds = new OffsetBounds();
  for (const each of sentMs) {
    const read = each + tripMs / 2 + aheadMs;
    const dateMs = Math.floor(read / 1_000) * 1_000;
    bounds.add({ sentMs: each, receivedMs: each + tripMs, dateMs });
  }
  return bounds.result();
}

test("dates in whole seconds bound the offset of a clock from both sides", () => {
  for (const aheadMs of [-4_321, -1, 0, 250, 7_777]) {
    const sentMs = Array.from({ length: 30 }, (_, index) => 1e12 + index * 370);
    const { leastMs, mostMs } = boundsOf(aheadMs, sentMs);
    assert.ok(leastMs! <= aheadMs && aheadMs <= mostMs!, `${leastMs} ${aheadMs} ${mostMs}`);
    assert.ok(mostMs! - leastMs! < 100, `${leastMs} to ${mostMs}`);
  }
});

test("one answer bounds the offset to a second and the round trip", () => {
  const { leastMs, mostMs } = boundsOf(0, [1e12 + 500], 20);
  assert.equal([leastMs, mostMs], [-520, 500]);
});

test("a clock that was set meanwhile, or without any date, has no offset", () => {
  assert.equal(new OffsetBounds().result(), { leastMs: null, mostMs: null });
  const bounds = new OffsetBounds();
  bounds.add({ sentMs: 1_000, receivedMs: 1_001, dateMs: 1_000 });
  bounds.add({ sentMs: 2_000, receivedMs: 2_001, dateMs: 60_000 });
  assert.equal(bounds.result(), { leastMs: null, mostMs: null });
});

test("the spread is that of the two members whose clocks certainly differ most", () => {
  const spread = clockSpread([
    { member: "m1", leastMs: -10, mostMs: 10 },
    { member: "m2", leastMs: null, mostMs: null },
    { member: "m3", leastMs: 2_000, mostMs: 2_030 },
    { member: "m4", leastMs: 0, mostMs: 20 },
  ]);
  assert.equal(spread, { members: ["m1", "m3"], leastMs: 1_990, mostMs: 2_040 });
  assert.is(clockSpread([{ member: "m1", leastMs: 0, mostMs: 1 }]), null);
});

test.run();
