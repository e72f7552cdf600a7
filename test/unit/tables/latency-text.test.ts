/** How a figure is printed when only its bounds are known. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { latencyMsText, latencyText, latencyWords } from "../../../src/tables/latency-text.ts";
import { latencyFixture } from "../../fixtures/result-fixture.ts";

function bounded(atLeast: number | null, atMost: number | null) {
  return latencyFixture({
    p99Ms: null,
    atLeast: atLeast === null ? null : { p99Ms: atLeast },
    atMost: atMost === null ? null : { p99Ms: atMost },
  });
}

test("a known figure is printed, a bound has its sign, and an unknown figure is a dash", () => {
  assert.is(latencyText(latencyFixture({ p99Ms: 52.6 }), "p99Ms"), "52.6 ms");
  assert.is(latencyText(bounded(2_800, null), "p99Ms"), ">=2.80 s");
  assert.is(latencyText(bounded(null, 77), "p99Ms"), "<=77.0 ms");
  assert.is(latencyText(bounded(2_800, 3_100), "p99Ms"), "2.80 s to 3.10 s");
  assert.is(latencyText(bounded(null, null), "p99Ms"), "-");
  assert.is(latencyMsText(bounded(2_800, null), "p99Ms"), ">=2,800");
  assert.is(latencyWords(bounded(null, 77), "p99Ms"), "at most 77.0 ms");
  assert.is(latencyWords(bounded(2_800, null), "p99Ms"), "at least 2.80 s");
});

test("zero, which histograms record as 1 ns, is printed as 0, and is no lower bound", () => {
  assert.is(latencyText(latencyFixture({ p99Ms: 1e-6 }), "p99Ms"), "0 ms");
  assert.is(latencyText(bounded(1e-6, null), "p99Ms"), "-");
  assert.is(latencyText(bounded(1e-6, 77), "p99Ms"), "<=77.0 ms");
  assert.is(latencyText(bounded(null, 1e-6), "p99Ms"), "0 ms");
});

test("a printed bound is still true after rounding", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 5e5, noNaN: true }), (ms) => {
      const inMs = (text: string) => {
        const [value, unit] = text.slice(2).split(" ");
        return Number(value!.replaceAll(",", "")) * { µs: 1e-3, ms: 1, s: 1e3 }[unit!]!;
      };
      assert.ok(inMs(latencyText(bounded(ms, null), "p99Ms")) <= ms * (1 + 1e-9));
      assert.ok(inMs(latencyText(bounded(null, ms), "p99Ms")) >= ms * (1 - 1e-9));
    }),
  );
});

test.run();
