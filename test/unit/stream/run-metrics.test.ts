/** The metrics of a running measurement: sums of its reports so far. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { verdictKindSchema } from "../../../src/result/schema.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { RunMetrics } from "../../../src/stream/run-metrics.ts";
import { forgetSecrets, keepSecret } from "../../../src/text/secrets.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";
import { until } from "../../harness/conditions.ts";
import { withWallClock } from "../../harness/wall-clock.ts";
import {
  encoded,
  eventOf,
  familyOf,
  histogramsOf,
  MEASURED_AT,
  observedRun,
  PUT,
  secondOf,
  valuesOf,
} from "./observed-run.ts";

test.before(initHistograms);

test("before the measured phase there are no metrics", () => {
  const metrics = new RunMetrics();
  metrics.onSecond(PUT, secondOf([1]));
  assert.equal(metrics.families(), []);
});

test("requests, errors and durations add up over the seconds, by operation, code and clock", () => {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun());
  metrics.onSecond(PUT, secondOf([1, 2], [{ code: "UNAVAILABLE", message: "m", count: 3 }]));
  metrics.onSecond(PUT, secondOf([4]));
  metrics.onSecond({ name: "events", isWhole: false, isPaced: false }, secondOf([7]));
  assert.equal(valuesOf(metrics, "bench_requests_total"), {
    "op=put code=OK": 3,
    "op=put code=UNAVAILABLE": 3,
    "op=events code=OK": 1,
  });
  const durations = histogramsOf(metrics, "bench_request_duration_seconds");
  const counts = Object.entries(durations).map(([labels, { count, sumSeconds }]) => [
    labels,
    count,
    Math.round(sumSeconds * 1e3),
  ]);
  assert.equal(counts, [
    ["op=put endpoint=a:1,b:1 clock=service", 3, 7],
    ["op=put endpoint=a:1,b:1 clock=response", 3, 10],
    ["op=events endpoint=a:1,b:1 clock=service", 1, 7],
  ]);
  const quantiles = valuesOf(metrics, "bench_request_duration_quantile_seconds");
  // Quantiles are of the last second; with one sample only the maximum is known.
  assert.ok(Math.abs(quantiles["op=put clock=service quantile=1"]! - 0.004) < 1e-5);
  assert.is(quantiles["op=put clock=service quantile=0.99"], undefined);
});

test("where operations take turns, quantiles are of those that go on", () => {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun());
  const [l, s] = ["l", "s"].map((name) => ({ ...PUT, name }));
  const opsAfter = (series: typeof PUT, ...seconds: number[]) => {
    for (const at of seconds) {
      metrics.onSecond(series, { ...secondOf([1]), fromNs: at * 1e9, toNs: (at + 1) * 1e9 });
    }
    const quantiles = valuesOf(metrics, "bench_request_duration_quantile_seconds");
    return [...new Set(Object.keys(quantiles).map((labels) => labels.split(" ")[0]))];
  };
  assert.equal(opsAfter(l!, 5), ["op=l"]);
  assert.equal(opsAfter(s!, 6, 7), ["op=s"]);
  assert.equal(opsAfter(l!, 8), ["op=l"]);
  // Of one operation a worker may be late with its second.
  assert.equal(opsAfter(l!, 7), ["op=l"]);
});

test("a server whose codes differ each time makes no label for each", () => {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun());
  for (let code = 100; code < 400; code++) {
    metrics.onSecond(PUT, secondOf([1], [{ code: `CODE_${code}`, message: "m", count: 1 }]));
  }
  const counts = valuesOf(metrics, "bench_requests_total");
  assert.is(Object.keys(counts).length, 51);
  assert.is(counts["op=put code=(further codes)"], 300 - 49);
});

test("requests by endpoint have separate families, so that sums count each request once", () => {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun());
  assert.equal(valuesOf(metrics, "bench_endpoint_requests_total"), {});
  const first = { operation: "put", isPaced: true, endpoint: "a:1", member: "etcd1" };
  metrics.onSecond(PUT, secondOf([1, 2, 4]));
  metrics.onEndpointSecond(
    first,
    secondOf([1, 2], [{ code: "UNAVAILABLE", message: "m", count: 3 }]),
  );
  metrics.onEndpointSecond({ ...first, endpoint: "b:1", member: null }, secondOf([4]));
  metrics.onEndpointSecond(first, secondOf([1]));
  assert.equal(valuesOf(metrics, "bench_endpoint_requests_total"), {
    "op=put endpoint=a:1 member=etcd1 code=OK": 3,
    "op=put endpoint=a:1 member=etcd1 code=UNAVAILABLE": 3,
    "op=put endpoint=b:1 member= code=OK": 1,
  });
  const durations = histogramsOf(metrics, "bench_endpoint_request_duration_seconds");
  assert.equal(
    Object.entries(durations).map(([labels, { count }]) => [labels, count]),
    [
      ["op=put endpoint=a:1 member=etcd1 clock=service", 3],
      ["op=put endpoint=a:1 member=etcd1 clock=response", 3],
      ["op=put endpoint=b:1 member= clock=service", 1],
      ["op=put endpoint=b:1 member= clock=response", 1],
    ],
  );
  assert.equal(valuesOf(metrics, "bench_requests_total"), { "op=put code=OK": 3 });
});

test("offered, dropped and late requests, and the busy ratio of workers", () => {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun());
  const second = { fromNs: 0, toNs: 1e9, started: 5, dropped: 0 };
  metrics.onClient({
    ...second,
    ...{ offered: 9, dispatchLags: [encoded([1]), encoded([2])], busyFractions: [0.2, 0.6] },
  });
  metrics.onClient({ ...second, offered: 1, dropped: 4, dispatchLags: [], busyFractions: [] });
  assert.equal(valuesOf(metrics, "bench_offered_total"), { "": 10 });
  assert.equal(valuesOf(metrics, "bench_dropped_total"), { "": 4 });
  assert.equal(valuesOf(metrics, "bench_worker_busy_ratio"), { "": 0.6 });
  assert.is(histogramsOf(metrics, "bench_dispatch_lag_seconds")[""]!.count, 2);
});

test("an event is active until it ends, and for at least a second", () => {
  let nowMs = 1_000_000;
  const metrics = new RunMetrics(() => nowMs);
  metrics.onStart(observedRun());
  metrics.onEvent(eventOf());
  nowMs += 60_000;
  const key = "event=pause leader kind=pause member=etcd1";
  assert.equal(valuesOf(metrics, "bench_event_active"), { [key]: 1 });
  metrics.onEvent(eventOf({ isUnderWay: false, durationSeconds: 60 }));
  metrics.onEvent(
    eventOf({ kind: "leader-change", text: null, member: "etcd2", number: -1, isUnderWay: false }),
  );
  const change = "event=leader-change kind=leader-change member=etcd2";
  assert.equal(valuesOf(metrics, "bench_event_active"), { [key]: 0, [change]: 1 });
  assert.equal(valuesOf(metrics, "bench_events_total"), { [key]: 1, [change]: 1 });
  nowMs += 1_001;
  assert.equal(valuesOf(metrics, "bench_event_active"), { [key]: 0, [change]: 0 });
});

test("an event ends in time where the wall clock is set back meanwhile", () =>
  withWallClock(async (setBack) => {
    const metrics = new RunMetrics();
    metrics.onStart(observedRun());
    metrics.onEvent(eventOf());
    setBack();
    metrics.onEvent(eventOf({ isUnderWay: false, durationSeconds: 0.2 }));
    const startMs = performance.now();
    const active = () => Object.values(valuesOf(metrics, "bench_event_active"));
    await until("the event is over, or late", () => {
      return active()[0] === 0 || performance.now() - startMs > 10_000;
    });
    assert.equal(active(), [0]);
  }));

test("the end of a run is as long after its start as it took by the monotonic clock", () => {
  let nowMs = 5_000;
  const metrics = new RunMetrics(() => nowMs);
  metrics.onStart(observedRun());
  nowMs += 2_500;
  metrics.onEnd(resultFixture());
  const [start, end] = ["start", "end"].map((of) => {
    return valuesOf(metrics, `bench_run_${of}_timestamp_seconds`)[""];
  });
  assert.is(start, MEASURED_AT.getTime() / 1000);
  assert.is(end, start! + 2.5);
  assert.is(metrics.unixMs, MEASURED_AT.getTime() + 2_500);
});

test("one verdict is 1: running until the result is complete, and each kind has a series", () => {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun());
  const ones = () =>
    Object.entries(valuesOf(metrics, "bench_verdict")).flatMap(([key, value]) =>
      value === 1 ? [key] : [],
    );
  assert.equal(ones(), ["verdict=running"]);
  for (const kind of verdictKindSchema.options) {
    metrics.onEnd(resultFixture({ verdict: { kind, reasons: [] } }));
    assert.equal(ones(), [`verdict=${kind}`]);
  }
  assert.is(Object.keys(valuesOf(metrics, "bench_run_end_timestamp_seconds")).length, 1);
});

test("each run of a search starts at zero, and every sample has the labels of its run", () => {
  keepSecret("hidden-password-1");
  const metrics = new RunMetrics();
  metrics.onStart(observedRun());
  metrics.onSecond(PUT, secondOf([1, 2]));
  const labels = { "git commit": "abc", note: "hidden-password-1" };
  metrics.onStart({ ...observedRun(labels), id: "m0next" });
  metrics.onSecond(PUT, secondOf([1]));
  metrics.frameDropped("otlp");
  forgetSecrets();
  assert.equal(valuesOf(metrics, "bench_requests_total"), { "op=put code=OK": 1 });
  assert.equal(valuesOf(metrics, "bench_stream_dropped_frames_total"), { "output=otlp": 1 });
  const ofRun = { run: "m0next", workload: "put", label_git_commit: "abc", label_note: "***" };
  for (const { name } of metrics.families()) {
    for (const sample of familyOf(metrics, name).samples) {
      assert.equal({ ...sample.labels, ...ofRun }, sample.labels);
    }
  }
});

test("labels and members cannot control a terminal, and do not have a password that is a word", () => {
  keepSecret("complete");
  const metrics = new RunMetrics();
  metrics.onStart(observedRun({ note: "complete", esc: "\u001b[31mred\u202e" }));
  metrics.onSecond(PUT, secondOf([1]));
  metrics.onEvent(eventOf({ member: "m\u001b]0;t\u0007" }));
  forgetSecrets();
  const text = JSON.stringify(metrics.families());
  assert.match(text, '"label_note":"***","label_esc":"\\\\u001b[31mred\\\\u202e"');
  assert.match(text, '"member":"m\\\\u001b]0;t\\\\u0007"');
});

test.run();
