/** Proves the step from histogram to figures: units, the ten-samples rule, Little's law. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { latencySchema } from "../../../src/result/operation-schema.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import {
  carriesPercentile,
  holdsLittlesLaw,
  littlesLaw,
  toLatency,
} from "../../../src/stats/latency.ts";

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
  assert.is(Object.keys(figures).length, 9);
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

test("Little's law holds within 5%", () => {
  const law = littlesLaw(1000, 50_000, 20.9)!;
  assert.is(law.expectedMeanMs, 20);
  assert.is(law.measuredMeanMs, 20.9);
  assert.ok(holdsLittlesLaw(law));
  assert.not(holdsLittlesLaw(littlesLaw(1000, 50_000, 21.1)!));
  assert.not(holdsLittlesLaw(littlesLaw(1000, 50_000, 18.9)!));
  // A published row: 1000 clients at 185,758 per second cannot mean 2.2 ms.
  assert.not(holdsLittlesLaw(littlesLaw(1000, 185_758, 2.2)!));
});

test("Little's law says nothing without a rate or a mean", () => {
  assert.is(littlesLaw(10, 0, 1), null);
  assert.is(littlesLaw(10, null, 1), null);
  assert.is(littlesLaw(10, 100, null), null);
});

test.run();
