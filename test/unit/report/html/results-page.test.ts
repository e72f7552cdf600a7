/** The page of results: its figures, hostile names, and its size. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderResultsPage } from "../../../../src/report/html/results-page.ts";
import type { Interval, RunResult } from "../../../../src/result/schema.ts";
import { initHistograms, LatencyHistogram } from "../../../../src/stats/histogram.ts";
import { toLatency } from "../../../../src/stats/latency.ts";
import { percentileCurve } from "../../../../src/stats/percentile-curve.ts";
import {
  operationFixture,
  rangeResultFixture,
  resultFixture,
  serverFixture,
} from "../../../fixtures/result-fixture.ts";

test.before(initHistograms);

const [PATTERN] = operationFixture().intervals;

function intervals(count: number): Interval[] {
  return Array.from({ length: count }, (_, at) => ({ ...PATTERN!, startSeconds: at }));
}

function recorded(count: number): ReturnType<typeof toLatency> {
  const histogram = new LatencyHistogram();
  for (let at = 1; at <= count; at++) histogram.recordNs(at * 1000);
  const latency = toLatency(histogram);
  histogram.destroy();
  return latency;
}

/** The text of the page, without tags. */
function textOf(page: string): string {
  return page
    .replace(/<(style|script)>.*?<\/\1>/gs, "")
    .replace(/<[^>]+>/g, "\n")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

function long(seconds: number, overrides: Parameters<typeof resultFixture>[0] = {}): RunResult {
  const column = (value: number) => Array.from({ length: seconds }, () => value);
  const samples = {
    atSeconds: Array.from({ length: seconds }, (_, at) => at + 0.5),
    rssBytes: column(100_000_000),
    cpuPercent: column(33.3),
    walFsyncP99Ms: column(4.2),
    backendCommitP99Ms: column(9.9),
  };
  const result = resultFixture(overrides);
  // Assigned here and not passed in: fixtures copy their arguments.
  result.operations = [Object.assign(operationFixture(), { intervals: intervals(seconds) })];
  result.server = [1, 2, 3].map((at) =>
    Object.assign(serverFixture({ member: `m${at}` }), { samples }),
  );
  return result;
}

test("the headline, the tiles and the tables have the figures of the result", () => {
  const page = textOf(renderResultsPage([resultFixture()]));
  for (const text of [
    "put 40,000/s with p99 52.6 ms on etcd 3.5.30 (3 members)",
    "valid",
    "100,000",
    "24.2",
    "71.8 ms",
    "Testing CPU 3000",
    "bench put --endpoints=127.0.0.1:12379,127.0.0.1:12380,127.0.0.1:12381 --conns=100",
  ]) {
    assert.ok(page.includes(text), text);
  }
});

test("the curve of a histogram ends where ten samples are beyond it, with its values in the table", () => {
  const serviceTime = recorded(100_000);
  const { points } = percentileCurve(serviceTime.histogram!);
  assert.is(points.at(-1)!.percentile, 99.99);
  assert.is(points.find(({ percentile }) => percentile === 99)!.ms, serviceTime.p99Ms);
  assert.is(points.find(({ percentile }) => percentile === 50)!.ms, serviceTime.p50Ms);
  const result = resultFixture({ operations: [operationFixture({ serviceTime })] });
  const page = renderResultsPage([result]);
  assert.match(page, /<path class="line s1" d="M/);
  assert.match(textOf(page), /99\.99%\s+100 ms/);
});

test("text of a server is text in every part of the page", () => {
  const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
  const result = long(3, {
    notes: [hostile],
    verdict: { kind: "errors", reasons: [hostile] },
    environment: { cpuModel: hostile, os: hostile },
    plan: { labels: { commit: hostile } },
    moments: [
      {
        kind: "defragmentation",
        member: hostile,
        text: null,
        revision: null,
        startSeconds: 1,
        durationSeconds: 0.5,
        error: hostile,
      },
    ],
  });
  result.server[0]!.member = hostile;
  result.target.members[0]!.name = hostile;
  result.target.version = hostile;
  result.operations[0]!.name = hostile;
  result.operations[0]!.errors = [{ code: hostile, message: hostile, count: 1 }];
  const page = renderResultsPage([result]);
  assert.is(page.match(/<script/g)!.length, 1, "only the page's own");
  assert.not.ok(page.includes("<img"));
  assert.ok(textOf(page).includes(hostile));
});

test("phases, events and failures are marked in the charts over time", () => {
  const operations = [
    operationFixture({ name: "first", intervals: intervals(3) }),
    operationFixture({
      name: "second",
      intervals: intervals(6)
        .slice(3)
        .map((each) => ({ ...each, failed: 2 })),
    }),
  ];
  const event = { text: null, member: "m1", revision: null, durationSeconds: null, error: null };
  const page = renderResultsPage([
    resultFixture({
      operations,
      moments: [
        { ...event, kind: "leader-change", startSeconds: 1.5 },
        { ...event, kind: "compaction", member: null, startSeconds: 4, durationSeconds: 1 },
      ],
    }),
  ]);
  const labels = [...page.matchAll(/class="band-label"[^>]*>([^<]*)</g)].map(([, label]) => label);
  assert.equal(labels, ["first", "second", "L", "C"]);
  assert.match(textOf(page), /Marked: L leader change, C compaction\./);
  assert.match(textOf(page), /Failed requests/);
});

test("several runs are distinguished, each with its load and its folded chart over time", () => {
  const results = [long(20), rangeResultFixture(["linearizable", "serializable"])];
  const page = textOf(renderResultsPage(results));
  assert.match(page, /2 runs of put, range on etcd 3\.5\.30 \(3 members\)/);
  assert.match(page, /\[1\] put, key 8 B.*, over time/);
  assert.not.match(page, /\[2\] range.*, over time/, "one interval has no course");
});

test("a page of ten hours, and one of two hundred runs, are below a megabyte", () => {
  for (const results of [[long(36_000)], new Array<RunResult>(200).fill(long(600))]) {
    const { length } = renderResultsPage(results);
    assert.ok(length < 1_000_000, `${results.length} runs: ${length} bytes`);
  }
});

test("a result with hardly any known figure still has a page", () => {
  const bare = resultFixture({
    operations: [operationFixture({ throughputPerSec: null, intervals: [] })],
    server: [],
    status: "failed",
    verdict: { kind: "errors", reasons: ["no connection was ever up"] },
  });
  bare.target = { ...bare.target, members: [], version: null };
  const nothing = new LatencyHistogram();
  bare.operations[0]!.serviceTime = toLatency(nothing);
  nothing.destroy();
  const page = textOf(renderResultsPage([bare]));
  assert.match(page, /put -\/s on etcd/);
  assert.match(page, /errors, failed/);
});

test.run();
