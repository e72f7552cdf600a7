/** Remote write and OTLP, decoded again: all samples, labels and buckets of the run. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import type { MetricFamily } from "../../../src/stream/metric-family.ts";
import { otlpBody } from "../../../src/stream/otlp.ts";
import { remoteWriteBody } from "../../../src/stream/remote-write.ts";
import { RunMetrics } from "../../../src/stream/run-metrics.ts";
import {
  type ReceivedHistogram,
  type ReceivedSample,
  readOtlp,
  readRemoteWrite,
} from "../../peers/metrics-receiver.ts";
import { eventOf, observedRun, PUT, secondOf } from "./observed-run.ts";

const UNIX_MS = 1_790_000_000_123;
const TOOL = { name: "etcd-bench", version: "1" };

test.before(initHistograms);

function familiesOf(ms: readonly number[]): MetricFamily[] {
  const metrics = new RunMetrics();
  metrics.onStart(observedRun({ team: "ä" }));
  metrics.onSecond(PUT, secondOf(ms, [{ code: "UNAVAILABLE", message: "m", count: 2 }]));
  metrics.onEvent(eventOf({ kind: "compaction", text: null, member: null }));
  return metrics.families();
}

/** The samples that receivers see: without labels that have no value. */
function expected(families: readonly MetricFamily[], more: Record<string, string> = {}) {
  return families.flatMap(({ name, samples }) =>
    samples.map(({ labels, value }) => ({
      name,
      labels: Object.fromEntries(
        Object.entries({ ...labels, ...more }).filter(([, text]) => text !== ""),
      ),
      unixMs: UNIX_MS,
      value:
        typeof value === "number"
          ? value
          : {
              ...{ count: value.count, sum: value.sumSeconds, scale: 5 },
              buckets: new Map(value.buckets.map(({ index, count }) => [index, count])),
            },
    })),
  );
}

const sorted = (samples: readonly ReceivedSample[]) =>
  samples
    .map(({ labels, ...rest }) => ({
      ...rest,
      labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))),
    }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

// Adjacent buckets, gaps of all lengths, counts that fall and rise, and the widest span.
const LATENCIES = [[], [1], [1, 1.01, 1.02, 1.03, 5, 5, 5, 900], [1e-6, 0.001, 3_600_000]];

for (const ms of LATENCIES) {
  test(`a receiver of either form gets all figures of ${ms.length} requests`, () => {
    const families = familiesOf(ms);
    const labels = { job: "bench" };
    const written = remoteWriteBody(families, { unixMs: UNIX_MS, isNative: true, labels });
    assert.equal(sorted(readRemoteWrite(written)), sorted(expected(families, labels)));
    const otlp = otlpBody(families, { unixMs: UNIX_MS, startUnixMs: 1_700, tool: TOOL });
    assert.equal(sorted(readOtlp(otlp)), sorted(expected(families)));
  });
}

test("counts beyond 32 bits arrive unchanged", () => {
  const value = { count: 2 ** 40 + 3, sumSeconds: 1, buckets: [{ index: -9, count: 2 ** 40 + 3 }] };
  const family: MetricFamily = {
    ...{ name: "x_seconds", help: "", type: "histogram", unit: "seconds" },
    samples: [{ labels: {}, value }],
  };
  const body = remoteWriteBody([family], { unixMs: UNIX_MS, isNative: true, labels: {} });
  for (const [sample] of [
    readRemoteWrite(body),
    readOtlp(otlpBody([family], { unixMs: UNIX_MS, startUnixMs: 0, tool: TOOL })),
  ]) {
    const { count, buckets } = sample!.value as ReceivedHistogram;
    assert.equal([count, buckets.get(-9)], [2 ** 40 + 3, 2 ** 40 + 3]);
  }
});

test("a receiver without native histograms gets classic ones: buckets, count and sum", () => {
  const body = remoteWriteBody(familiesOf([1, 2, 40]), {
    ...{ unixMs: UNIX_MS, isNative: false, labels: {} },
  });
  const samples = readRemoteWrite(body).filter(
    ({ name, labels }) =>
      name.startsWith("bench_request_duration_seconds_") && labels.clock === "service",
  );
  const of = (suffix: string, le?: string) =>
    samples.find(
      ({ name, labels }) => name === `bench_request_duration_seconds_${suffix}` && labels.le === le,
    )?.value;
  assert.equal([of("count"), of("bucket", "+Inf"), of("bucket", "0.00390625")], [3, 3, 2]);
  assert.ok(Math.abs((of("sum") as number) - 0.043) < 1e-4);
});

test.run();
