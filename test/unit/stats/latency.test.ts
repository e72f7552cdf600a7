/** Calculates latency figures from histograms: units, the ten-samples rule, Little's law. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { holdsLittlesLaw } from "../../../src/result/law-words.ts";
import { latencySchema } from "../../../src/result/operation-schema.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { carriesPercentile, littlesLaw, toLatency } from "../../../src/stats/latency.ts";

test.before(initHistograms);

function recorded(count: number, ns: (i: number) => number): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (let i = 0; i < count; i++) histogram.recordNs(ns(i));
  return histogram;
}

test("figures are milliseconds", () => {
  const histogram = recorded(10_000, (i) => (i + 1) * 1000);
  const latency = toLatency(histogram);
  assert.is(latency.count, 10_000);
  for (const [read, exact] of [
    [latency.minMs, 0.001],
    [latency.p50Ms, 5],
    [latency.p90Ms, 9],
    [latency.p95Ms, 9.5],
    [latency.p99Ms, 9.9],
    [latency.p999Ms, 9.99],
    [latency.maxMs, 10],
    [latency.meanMs, 5.0005],
    [latency.stddevMs, 2.8867],
  ] as const) {
    assert.ok(Math.abs(read! / exact - 1) < 0.001, `${read} is ${exact}`);
  }
  assert.equal(latencySchema.parse(latency), latency);
  const kept = LatencyHistogram.fromBase64(latency.histogram!);
  assert.is(kept.count, 10_000);
});

test("without samples every figure is null", () => {
  const { count, histogram, ...figures } = toLatency(new LatencyHistogram());
  assert.is(count, 0);
  assert.type(histogram, "string");
  assert.is(Object.keys(figures).length, 12);
  for (const [name, value] of Object.entries(figures)) assert.is(value, null, name);
});

test("a percentile appears with the tenth sample beyond it", () => {
  for (const [percentile, needed] of [
    [50, 20],
    [90, 100],
    [95, 200],
    [99, 1000],
    [99.9, 10_000],
  ] as const) {
    assert.not(carriesPercentile(needed - 1, percentile), `p${percentile}`);
    assert.ok(carriesPercentile(needed, percentile), `p${percentile}`);
  }
  const latency = toLatency(recorded(999, () => 1e6));
  assert.is(latency.p99Ms, null);
  assert.is(latency.p999Ms, null);
  assert.ok(latency.p95Ms !== null);
});

test("a percentile with too few samples has the maximum as its upper bound", () => {
  const { p50Ms, p99Ms, maxMs, atLeast, atMost } = toLatency(recorded(999, (i) => (i + 1) * 1e6));
  assert.ok(p50Ms !== null);
  assert.is(p99Ms, null);
  assert.is(maxMs, 999);
  assert.equal(atMost, { p99Ms: 999, p999Ms: 999 });
  assert.is(atLeast, null);
});

test("a percentile that a missing request could change is null, and has bounds", () => {
  const missing = recorded(5, () => 3e6);
  const latency = toLatency(
    recorded(9_995, () => 1e6),
    missing,
  );
  assert.ok(Math.abs(latency.p50Ms! - 1) < 0.001);
  assert.ok(Math.abs(latency.p999Ms! - 1) < 0.001, "5 of 10,000 are beyond the p99.9");
  assert.is(latency.maxMs, null);
  assert.is(latency.meanMs, null);
  assert.is(latency.stddevMs, null);
  assert.is(latency.minMs, 1);
  assert.is(latency.atLeast!.maxMs, 3);
  assert.ok(Math.abs(latency.atLeast!.meanMs! - 1.001) < 0.001);
  assert.is(latency.count, 9_995);
  assert.is(latency.missing!.count, 5);
  assert.is(LatencyHistogram.fromBase64(latency.missing!.histogram).count, 5);

  const more = toLatency(
    recorded(9_900, (i) => (i + 1) * 1e5),
    recorded(100, () => 1e5),
  );
  assert.is(more.p99Ms, null);
  assert.ok(Math.abs(more.atLeast!.p99Ms! / 980 - 1) < 0.011, `${more.atLeast!.p99Ms}`);
  assert.ok(Math.abs(more.atMost!.p99Ms! / 990 - 1) < 0.001, `${more.atMost!.p99Ms}`);
  assert.is(more.p999Ms, null);
  assert.is(more.atMost!.p999Ms, undefined, "it may be that of a missing request");
  assert.equal(latencySchema.parse(more), more);
});

test("without a success there are only lower bounds", () => {
  const latency = toLatency(
    new LatencyHistogram(),
    recorded(50, () => 2e6),
  );
  assert.is(latency.count, 0);
  assert.is(latency.p50Ms, null);
  assert.is(latency.minMs, null);
  assert.ok(Math.abs(latency.atLeast!.p50Ms! - 2) < 0.002);
  assert.is(latency.atMost, null);
});

test("bounds are correct for any durations of the missing requests", () => {
  const ns = fc.integer({ min: 1, max: 1e9 });
  const waits = fc.array(fc.record({ waitedNs: ns, moreNs: ns }), { maxLength: 40 });
  const answers = fc.array(ns, { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(answers, waits, (answered, missed) => {
      const truths = [...answered, ...missed.map(({ waitedNs, moreNs }) => waitedNs + moreNs)];
      truths.sort((a, b) => a - b);
      const known = recorded(answered.length, (i) => answered[i]!);
      const missing = recorded(missed.length, (i) => missed[i]!.waitedNs);
      const latency = toLatency(known, missing);
      for (const [field, percentile] of [
        ["p50Ms", 50],
        ["p90Ms", 90],
        ["p95Ms", 95],
        ["p99Ms", 99],
        ["p999Ms", 99.9],
        ["maxMs", 100],
      ] as const) {
        const rank = Math.max(1, Math.ceil((percentile * truths.length) / 100 - 1e-9));
        const truthMs = truths[rank - 1]! / 1e6;
        const figure = latency[field];
        const label = `${field} ${figure} ${truthMs} ${JSON.stringify(latency.atLeast)}`;
        if (figure !== null) assert.ok(Math.abs(figure / truthMs - 1) < 0.0021, label);
        assert.ok((latency.atLeast?.[field] ?? 0) <= truthMs * 1.001, label);
        assert.ok((latency.atMost?.[field] ?? Number.POSITIVE_INFINITY) >= truthMs * 0.999, label);
      }
      known.destroy();
      missing.destroy();
    }),
  );
});

test("Little's law holds within 5%", () => {
  const law = littlesLaw(1000, 50_000, 20.9)!;
  assert.is(law.expectedMeanMs, 20);
  assert.is(law.measuredMeanMs, 20.9);
  assert.ok(holdsLittlesLaw(law));
  assert.not(holdsLittlesLaw(littlesLaw(1000, 50_000, 21.1)!));
  assert.not(holdsLittlesLaw(littlesLaw(1000, 50_000, 18.9)!));
  // A published row: with 1000 clients, 185,758 per second contradicts a mean of 2.2 ms.
  assert.not(holdsLittlesLaw(littlesLaw(1000, 185_758, 2.2)!));
});

test("Little's law is null without a rate or a mean", () => {
  assert.is(littlesLaw(10, 0, 1), null);
  assert.is(littlesLaw(10, null, 1), null);
  assert.is(littlesLaw(10, 100, null), null);
});

test.run();
