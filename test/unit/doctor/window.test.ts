/** The calculations over a window agree with the exact observations. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  countAbove,
  judgeQuantile,
  meanOf,
  quantileRange,
  type Rise,
  riseOf,
  riseOfHistogram,
  type Span,
} from "../../../src/doctor/window.ts";
import { parseMetricsPage } from "../../../src/etcd/metrics-page.ts";

/** etcd's bounds: from 1 ms, each twice the last. */
const BOUNDS = [
  ...Array.from({ length: 14 }, (_, at) => 0.001 * 2 ** at),
  Number.POSITIVE_INFINITY,
];

function pageOf(observed: readonly number[], extra = "") {
  const lines = BOUNDS.map((bound) => {
    const count = observed.filter((each) => each <= bound).length;
    return `fsync_bucket{le="${bound === Number.POSITIVE_INFINITY ? "+Inf" : bound}"} ${count}`;
  });
  const sum = observed.reduce((total, each) => total + each, 0);
  return parseMetricsPage([...lines, `fsync_sum ${sum}`, extra].join("\n"));
}

function spanBetween(before: readonly number[], after: readonly number[]): Span {
  return { first: pageOf(before), last: pageOf(after), seconds: 30 };
}

const seconds = fc.array(fc.double({ min: 1e-6, max: 20, noNaN: true }), { maxLength: 60 });

test("over a window a histogram has the observations in it, and none from before", () => {
  fc.assert(
    fc.property(seconds, seconds, (before, within) => {
      const rise = riseOfHistogram(spanBetween(before, [...before, ...within]), "fsync")!;
      const alone = riseOfHistogram({ ...spanBetween([], within), first: null }, "fsync")!;
      assert.equal(rise.counts, alone.counts);
      assert.is(rise.total, within.length);
      const mean = within.reduce((sum, each) => sum + each, 0) / within.length;
      if (within.length === 0) assert.is(meanOf(rise), null);
      else assert.ok(Math.abs(meanOf(rise)! - mean) <= 1e-6 * Math.max(1, mean), `${mean}`);
    }),
  );
});

test("a quantile is in the reported bucket, and that bucket is no wider than etcd's", () => {
  fc.assert(
    fc.property(seconds, fc.double({ min: 0, max: 1, noNaN: true }), (observed, quantile) => {
      const rise = riseOfHistogram(spanBetween([], observed), "fsync")!;
      const range = quantileRange(rise, quantile);
      if (observed.length === 0) return assert.is(range, null);
      const sorted = observed.toSorted((one, other) => one - other);
      const exact = sorted[Math.max(1, Math.ceil(quantile * sorted.length - 1e-9)) - 1]!;
      assert.ok(range!.above < exact && exact <= range!.atMost, JSON.stringify({ range, exact }));
      assert.ok(range!.above === 0 || BOUNDS.includes(range!.above));
      assert.ok(BOUNDS.includes(range!.atMost));
    }),
  );
});

test("the true number above a limit is between the least and the most possible number", () => {
  fc.assert(
    fc.property(seconds, fc.double({ min: 1e-4, max: 20, noNaN: true }), (observed, limit) => {
      const rise = riseOfHistogram(spanBetween([], observed), "fsync")!;
      const { least, most } = countAbove(rise, limit);
      const exact = observed.filter((each) => each > limit).length;
      assert.ok(least <= exact && exact <= most, JSON.stringify({ least, exact, most }));
      if (BOUNDS.includes(limit)) assert.is(least, most);
    }),
  );
});

const riseWith = (fast: number, slow: number, slowSeconds: number): Rise =>
  riseOfHistogram(
    spanBetween([], [...Array(fast).fill(0.0005), ...Array(slow).fill(slowSeconds)]),
    "fsync",
  )!;

test("a quantile is above its limit only where chance does not explain it", () => {
  assert.is(judgeQuantile(riseWith(0, 0, 1), 0.99, 0.01), null);
  assert.is(judgeQuantile(riseWith(100, 1, 0.05), 0.99, 0.01), "below");
  assert.is(judgeQuantile(riseWith(20, 2, 0.05), 0.99, 0.01), "below", "two of 22 may be chance");
  assert.is(judgeQuantile(riseWith(100, 8, 0.05), 0.99, 0.01), "above");
  assert.is(judgeQuantile(riseWith(0, 30, 0.05), 0.99, 0.01), "above");
  // 10 ms is between the bounds 8 and 16: the samples may be on either side.
  assert.is(judgeQuantile(riseWith(100, 8, 0.012), 0.99, 0.01), "undecided");
  assert.is(judgeQuantile(riseWith(100, 8, 0.007), 0.99, 0.01), "below");
  const whole = { bounds: [1, Number.POSITIVE_INFINITY], sum: null };
  const huge = { ...whole, counts: [9.9e11, 1e12], total: 1e12 };
  assert.is(judgeQuantile(huge, 0.99, 1), "below", "exactly one in a hundred");
  assert.is(judgeQuantile({ ...huge, counts: [9e11, 1e12] }, 0.99, 1), "above");
});

test("a counter that is reset counts from 0, and so does a counter that appears", () => {
  const span = (before: string, after: string): Span => ({
    first: parseMetricsPage(before),
    last: parseMetricsPage(after),
    seconds: 1,
  });
  assert.is(riseOf(span("m 5", "m 9"), "m"), 4);
  assert.is(riseOf(span("m 5", "m 3"), "m"), 3);
  assert.is(riseOf(span("", "m 3"), "m"), 3);
  assert.is(riseOf(span("m 3", ""), "m"), null);
  const restarted = riseOfHistogram(spanBetween([0.1, 0.1, 0.1], [0.5]), "fsync")!;
  assert.is(restarted.total, 1);
  assert.is(meanOf(restarted), 0.5);
});

test("histograms that do not match give no rise", () => {
  const last = parseMetricsPage('h_bucket{le="1"} 5\nh_bucket{le="+Inf"} 9');
  for (const before of [
    'h_bucket{le="2"} 1\nh_bucket{le="+Inf"} 1',
    'h_bucket{le="1"} 0\nh_bucket{le="+Inf"} 8',
  ]) {
    const span = { first: parseMetricsPage(before), last, seconds: 1 };
    assert.is(riseOfHistogram(span, "h"), null, before);
  }
  const noSum = riseOfHistogram({ first: null, last, seconds: null }, "h")!;
  assert.is(meanOf(noSum), null);
});

test.run();
