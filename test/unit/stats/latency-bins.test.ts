/** Bins of a histogram are adjacent, contain every request, and have round bounds. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { latencyBins } from "../../../src/stats/latency-bins.ts";

test.before(initHistograms);

function textOf(latenciesNs: readonly number[]): string {
  const histogram = new LatencyHistogram();
  for (const ns of latenciesNs) histogram.recordNs(ns);
  const text = histogram.toBase64();
  histogram.destroy();
  return text;
}

test("a bin includes its lower bound and excludes its upper bound", () => {
  const bins = latencyBins(textOf([1e6, 1.5e6, 1.6e6, 2e6, 9.99e6, 10e6]), 12);
  assert.equal(
    bins.map(({ fromMs, toMs, count }) => [fromMs, toMs, count]),
    [
      [1, 1.5, 1],
      [1.5, 2, 2],
      [2, 3, 1],
      [3, 5, 0],
      [5, 7, 0],
      [7, 10, 1],
      [10, 15, 1],
    ],
  );
});

test("latencies close together have narrow bins", () => {
  const bins = latencyBins(textOf([5e6, 5.25e6, 5.58e6]), 12);
  assert.equal(
    bins.map(({ fromMs }) => fromMs),
    [5, 5.1, 5.2, 5.3, 5.4, 5.5],
  );
});

test("a histogram without requests has no bins", () => {
  assert.equal(latencyBins(textOf([]), 12), []);
});

test("latencies of 0 are in a bin that begins at 0, and the others in bins as without them", () => {
  const [zeros, ...others] = latencyBins(textOf([0, 0, 5e6, 5.25e6]), 12);
  assert.equal(zeros, { fromMs: 0, toMs: 5, count: 2 });
  assert.equal(others, latencyBins(textOf([5e6, 5.25e6]), 12));
  assert.equal(latencyBins(textOf([0]), 12), [{ fromMs: 0, toMs: 1e-6, count: 1 }]);
});

test("any recorded latencies are all in a few bins without a gap", () => {
  const ns = fc.oneof(
    fc.integer({ min: 1, max: 3_600_000_000_000 }),
    fc.integer({ min: 0, max: 5_000 }),
    fc.integer({ min: 900_000, max: 1_100_000 }),
  );
  fc.assert(
    fc.property(fc.array(ns, { minLength: 1, maxLength: 40 }), (latenciesNs) => {
      const bins = latencyBins(textOf(latenciesNs), 12);
      const ofZero = bins[0]!.fromMs === 0 ? 1 : 0;
      assert.ok(bins.length - ofZero <= 13, `${bins.length} bins`);
      assert.is(
        bins.reduce((sum, { count }) => sum + count, 0),
        latenciesNs.length,
      );
      for (const [at, bin] of bins.entries()) {
        assert.ok(bin.fromMs < bin.toMs);
        if (at > 0) assert.is(bin.fromMs, bins[at - 1]!.toMs);
      }
      assert.ok(bins[0]!.count > 0 && bins.at(-1)!.count > 0);
    }),
  );
});

test.run();
