/** How a figure is printed when only its bounds are known. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { medianLatency } from "../../../src/report/median-latency.ts";
import type { Latency } from "../../../src/result/schema.ts";
import { median } from "../../../src/stats/median.ts";
import {
  betweenMsText,
  latencyMsText,
  latencyText,
  latencyWords,
} from "../../../src/tables/latency-text.ts";
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

function medianText(latencies: readonly Latency[]): string {
  const { leastMs, mostMs } = medianLatency(latencies, "p99Ms");
  return betweenMsText(leastMs, mostMs);
}

test("the bounds of a median over runs are those that its runs leave to it", () => {
  const known = (p99Ms: number) => latencyFixture({ p99Ms });
  const text = (...runs: ReturnType<typeof known>[]) => medianText(runs);
  assert.is(text(known(1), known(3), known(2)), "2.00");
  assert.is(text(bounded(2_800, null)), ">=2,800");
  assert.is(text(bounded(2_800, null), bounded(3_000, null), known(2)), ">=2,800");
  assert.is(text(known(1), known(2), bounded(2_800, null)), "2.00", "the third run is above it");
  assert.is(text(known(1), known(3), bounded(null, null)), "1.00 to 3.00");
  assert.is(text(bounded(null, 4), bounded(null, 6)), "<=5.00");
  assert.is(text(bounded(null, null), bounded(null, null)), "-");
});

test("for any runs with bounds that hold, the bounds of the median hold", () => {
  const run = fc.record({
    ms: fc.integer({ min: 1, max: 999 }),
    below: fc.option(fc.integer({ min: 0, max: 500 })),
    above: fc.option(fc.integer({ min: 0, max: 500 })),
  });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 9 }), (runs) => {
      const latencies = runs.map(({ ms, below, above }) =>
        bounded(
          below === null ? null : Math.max(0, ms - below),
          above === null ? null : ms + above,
        ),
      );
      const printed = medianText(latencies);
      const truth = median(runs.map(({ ms }) => ms));
      const numbers =
        printed
          .replaceAll(",", "")
          .match(/[\d.]+/g)
          ?.map(Number) ?? [];
      const least = printed.startsWith("<=") ? 0 : (numbers[0] ?? 0);
      const most = printed.startsWith(">=") ? Infinity : (numbers.at(-1) ?? Infinity);
      assert.ok(least <= truth && truth <= most, `${printed}: ${truth}`);
    }),
  );
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
