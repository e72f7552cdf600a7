/** The forms of etcd's own tool: rows per second, its perfdash file, its full precision. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { perfdashFileName } from "../../../src/report/perfdash.ts";
import type { Interval, RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  latencyFixture,
  operationFixture,
  rangeResultFixture,
  resultFixture,
  serverFixture,
} from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };
const render = (format: string, ...results: RunResult[]) =>
  formatNamed(format).render(results, OPTIONS);

function interval(startSeconds: number, change: Partial<Interval> = {}): Interval {
  return {
    startSeconds,
    durationSeconds: 1,
    succeeded: 100,
    failed: 0,
    minMs: 1,
    meanMs: 2,
    p50Ms: 2,
    p99Ms: 5,
    maxMs: 6,
    responseP99Ms: null,
    atLeast: null,
    receivedKeys: null,
    receivedBytes: null,
    ...change,
  };
}

/** 2026-08-01T10:11:13Z. */
const FIRST_SECOND = 1785579073;

test("samples have upstream's columns, and a row for each second of the measured phase", () => {
  const intervals = [
    interval(0),
    // Reported a little late and a little early.
    interval(1.004, { minMs: 0.5 }),
    interval(1.998),
    interval(4, { succeeded: 0, minMs: null, meanMs: null, maxMs: null }),
  ];
  const result = resultFixture({
    measuredAt: "2026-08-01T10:11:13.900Z",
    operations: [operationFixture({ intervals })],
  });
  assert.equal(render("sample", result).split("\n"), [
    "UNIX-SECOND,MIN-LATENCY-MS,AVG-LATENCY-MS,MAX-LATENCY-MS,AVG-THROUGHPUT",
    `${FIRST_SECOND},1.000000,2.000000,6.000000,100`,
    `${FIRST_SECOND + 1},0.500000,2.000000,6.000000,100`,
    `${FIRST_SECOND + 2},1.000000,2.000000,6.000000,100`,
    `${FIRST_SECOND + 3},,,,0`,
    `${FIRST_SECOND + 4},,,,0`,
    "",
  ]);
});

test("an interval of several seconds has one row, with the rate of one second", () => {
  const intervals = [
    interval(0.004, { durationSeconds: 1.998 }),
    interval(2.002, { durationSeconds: 2, succeeded: 301 }),
    interval(4.002, { durationSeconds: 0.3 }),
  ];
  const result = resultFixture({
    measuredAt: "2026-08-01T10:11:13.900Z",
    operations: [operationFixture({ intervals })],
  });
  assert.equal(render("sample", result).split("\n").slice(1), [
    `${FIRST_SECOND},1.000000,2.000000,6.000000,50`,
    `${FIRST_SECOND + 2},1.000000,2.000000,6.000000,151`,
    // A hundred requests in the 0.302 s of the last interval.
    `${FIRST_SECOND + 4},1.000000,2.000000,6.000000,333`,
    "",
  ]);
});

test("intervals that end in one second are one row, with a mean weighted by requests", () => {
  const intervals = [
    interval(0, { durationSeconds: 0.5 }),
    interval(0.5, { durationSeconds: 0.4, succeeded: 300, minMs: 0.1, meanMs: 4, maxMs: 9 }),
  ];
  const result = resultFixture({ operations: [operationFixture({ intervals })] });
  const [, row, rest] = render("sample", result).split("\n");
  assert.is(row, `${FIRST_SECOND},0.100000,3.500000,9.000000,444`);
  assert.is(rest, "");
});

test("a result from before intervals had a minimum still has its rows", () => {
  const old = resultFixture({
    operations: [operationFixture({ intervals: [interval(0, { minMs: null })] })],
  });
  assert.match(render("sample", { ...old, measuredAt: null }), /^\d+,,2\.000000,6\.000000,100$/m);
});

test("samples of several operations are separate tables, by name", () => {
  const text = render("sample", rangeResultFixture(["linearizable", "serializable"]));
  assert.is(text.split("UNIX-SECOND").length, 3);
  assert.match(text, /^# \w+ range-linearizable\nUNIX-SECOND/);
  assert.match(text, /\n\n# \w+ range-serializable\nUNIX-SECOND/);
});

test("perfdash begins with upstream's item, then has the rate, the errors and the memory", () => {
  const serviceTime = latencyFixture({ p50Ms: 1.23456, p90Ms: 2, p99Ms: null });
  const requests = { offered: 12, started: 11, succeeded: 8, failed: 3, dropped: 1 };
  const result = resultFixture({
    operations: [operationFixture({ serviceTime, requests, throughputPerSec: 1234.56789 })],
    server: [serverFixture(), serverFixture({ heapAllocatedBytes: 70_000_000 })],
  });
  const labels = { Operation: "PUT" };
  assert.equal(JSON.parse(render("perfdash", result)), {
    version: "v1",
    dataItems: [
      { data: { Perc50: 1.2346, Perc90: 2 }, unit: "ms", labels },
      { data: { Average: 1234.5679 }, unit: "1/s", labels: { ...labels, Metric: "throughput" } },
      {
        data: { Failed: 3, Dropped: 1 },
        unit: "requests",
        labels: { ...labels, Metric: "errors" },
      },
      ...[
        ["process_resident_memory_bytes", 117_000_000],
        ["go_memstats_heap_alloc_bytes", 70_000_000],
        ["go_memstats_heap_inuse_bytes", 60_000_000],
      ].map(([Metric, Max]) => ({ data: { Max }, unit: "bytes", labels: { Metric } })),
    ],
  });
});

test("perfdash has the response time of a paced run, and the names of several operations", () => {
  const responseTime = latencyFixture({ p50Ms: 7 });
  const paced = resultFixture({ operations: [operationFixture({ responseTime })] });
  const { dataItems } = JSON.parse(render("perfdash", paced));
  assert.equal(dataItems[1].labels, { Operation: "PUT", Metric: "response_time" });
  assert.is(dataItems[1].data.Perc50, 7);
  const both = JSON.parse(render("perfdash", rangeResultFixture(["linearizable", "serializable"])));
  const names = both.dataItems.flatMap(
    (item: { labels: { Operation?: string } }) => item.labels.Operation ?? [],
  );
  assert.equal([...new Set(names)], ["RANGE-LINEARIZABLE", "RANGE-SERIALIZABLE"]);
  const one = JSON.parse(render("perfdash", rangeResultFixture(["serializable"])));
  assert.is(one.dataItems[0].labels.Operation, "RANGE");
});

test("the file of perfdash has upstream's name", () => {
  const at = new Date("2026-08-01T10:11:12.345Z");
  assert.is(perfdashFileName("put", at), "EtcdAPI_benchmark_put_2026-08-01T10:11:12Z.json");
});

test("--precise, --sample and --members add only to the table and the summary", () => {
  const serviceTime = latencyFixture({ meanMs: 25.123456789 });
  const result = resultFixture({ operations: [operationFixture({ serviceTime })] });
  for (const format of ["table", "summary"]) {
    const plain = formatNamed(format).render([result], OPTIONS);
    const more = formatNamed(format).render([result], {
      ...OPTIONS,
      isPrecise: true,
      hasSamples: true,
      hasMembers: true,
    });
    assert.not.match(plain, /25\.123456789|UNIX-SECOND|etcd: traffic/);
    assert.match(more, /^etcd: memory and disk\n[\s\S]*^etcd: traffic\n/m);
    assert.match(more, /^meanMs +25\.123456789$/m);
    assert.match(more, /^UNIX-SECOND.*\n\d+,1\.250000,24\.400000,60\.500000,41000$/m);
  }
  const json = formatNamed("json").render([result], {
    ...OPTIONS,
    isPrecise: true,
    hasSamples: true,
    hasMembers: true,
  });
  assert.equal(JSON.parse(json), result);
});

test("for a search the rows and items are those of its last run", () => {
  const limits = [parseThreshold("--find-max", "p99<20ms")];
  const step = (number: number) =>
    resultFixture({
      plan: { search: { limits, startRatePerSec: 1, precision: 0.05, stepDurationMs: 1 } },
      search: { id: "s", step: number, isVerification: number === 2 },
    });
  assert.is(render("sample", step(1), step(2)).split("UNIX-SECOND").length, 2);
  assert.is(JSON.parse(render("perfdash", step(1), step(2))).dataItems.length, 6);
});

test.run();
