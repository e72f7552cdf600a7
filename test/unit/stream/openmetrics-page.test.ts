/** OpenMetrics text of a running measurement: classic histograms whose bounds never change. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { openmetricsPage } from "../../../src/stream/openmetrics-page.ts";
import { RunMetrics } from "../../../src/stream/run-metrics.ts";
import { observedRun, PUT, secondOf } from "./observed-run.ts";

test.before(initHistograms);

function pageOf(ms: readonly number[], label = "a"): string {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun({ label }));
  metrics.onSecond(PUT, secondOf(ms));
  return openmetricsPage(metrics.families());
}

function bucketsOf(page: string): [le: string, count: number][] {
  const pattern =
    /^bench_request_duration_seconds_bucket\{.*clock="service".*le="([^"]+)"\} (\d+)$/gm;
  return [...page.matchAll(pattern)].map(([, le, count]) => [le!, Number(count)]);
}

test("without a run the page is empty and complete", () => {
  assert.is(openmetricsPage([]), "# EOF\n");
});

test("a bucket counts values up to its bound, and the last bucket counts all", () => {
  const buckets = bucketsOf(pageOf([0.05, 1.5, 1.5, 40, 90_000]));
  const at = (seconds: number) => buckets.findLast(([le]) => Number(le) <= seconds)![1];
  assert.equal([at(0.000_13), at(0.001), at(0.002), at(0.05), at(32)], [1, 1, 3, 4, 4]);
  assert.equal(buckets.at(-1), ["+Inf", 5]);
  const counts = buckets.map(([, count]) => count);
  assert.equal(
    counts,
    counts.toSorted((a, b) => a - b),
  );
});

test("bounds do not depend on the measured values, and whole numbers have a decimal point", () => {
  const bounds = (page: string) => bucketsOf(page).map(([le]) => le);
  assert.equal(bounds(pageOf([1])), bounds(pageOf([50, 9_000])));
  assert.ok(bounds(pageOf([1])).includes("1.0"));
});

test("counters and labels follow OpenMetrics, also for a label that could break a line", () => {
  const page = pageOf([1], 'a"b\\c\nd');
  assert.match(page, /^# TYPE bench_requests counter$/m);
  assert.match(
    page,
    /^bench_requests_total\{.*,label_label="a\\"b\\\\c d",op="put",code="OK"\} 1$/m,
  );
  assert.match(page, /^# UNIT bench_worker_busy_ratio ratio$|^bench_verdict/m);
  assert.ok(page.endsWith("\n# EOF\n"));
  assert.not.match(page, /null|undefined|NaN/);
});

test.run();
