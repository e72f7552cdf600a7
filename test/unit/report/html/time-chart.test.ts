/** The run over time: latencies by the clock of the verdict, and members that went silent. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { percentileFigure } from "../../../../src/report/html/percentile-chart.ts";
import { timeFigure } from "../../../../src/report/html/time-chart.ts";
import { initHistograms, LatencyHistogram } from "../../../../src/stats/histogram.ts";
import { toLatency } from "../../../../src/stats/latency.ts";
import { labelled } from "../../../../src/tables/labels.ts";
import {
  latencyFixture,
  operationFixture,
  resultFixture,
  serverFixture,
} from "../../../fixtures/result-fixture.ts";

test.before(initHistograms);

const [PATTERN] = operationFixture().intervals;
const SECONDS = Array.from({ length: 20 }, (_, at) => at);

function paced() {
  const intervals = SECONDS.map((startSeconds) => ({
    ...PATTERN!,
    ...{ startSeconds, durationSeconds: 1 },
    ...{ p50Ms: 1, p99Ms: 2, maxMs: 3, responseP50Ms: 11, responseP99Ms: 22, responseMaxMs: 33 },
  }));
  return operationFixture({ intervals, responseTime: latencyFixture() });
}

test("the page has p50, p99 and maximum by the clock that the verdict uses", () => {
  const figure = timeFigure(resultFixture({ operations: [paced()] }), "Over time", 100)!;
  const titles = figure.panels.map(({ title }) => title);
  assert.ok(titles.includes("99th percentile of the response time"), titles.join());
  assert.ok(titles.includes("Median of the response time"));
  assert.ok(titles.includes("Slowest request, response time"));
  const cells = figure.rows[0]!.cells.join(" ");
  assert.match(cells, /22\.0 ms 11\.0 ms 33\.0 ms/);
});

test("a silent member's line has a gap, and its leadership is shown as that of the start", () => {
  // Killed after 5 s, back after 12 s.
  const read = SECONDS.filter((at) => at < 5 || at >= 12);
  const column = read.map(() => 1e8);
  const samples = {
    atSeconds: read.map((at) => at + 0.5),
    ...{ rssBytes: column, cpuPercent: column, walFsyncP99Ms: column },
    backendCommitP99Ms: column,
  };
  const leader = { member: "m2", endpoint: "127.0.0.1:12380" };
  const figureOf = (moments: ReturnType<typeof resultFixture>["moments"]) =>
    timeFigure(
      resultFixture({
        operations: [paced()],
        server: [serverFixture({ ...leader, samples })],
        moments,
      }),
      "Over time",
      100,
    )!;
  const memoryOf = (figure: ReturnType<typeof figureOf>) =>
    figure.panels.find(({ title }) => title.includes("resident memory"))!.lines[0]!;
  const line = memoryOf(figureOf([]));
  assert.is(line.name, "m2 (leader)");
  assert.is(line.points.filter((point) => point === null).length, 1, "one gap");
  assert.is(line.points.indexOf(null), 5);
  const change = { kind: "leader-change", text: null, member: "m1", revision: null } as const;
  const changed = figureOf([{ ...change, startSeconds: 6, durationSeconds: null, error: null }]);
  assert.is(memoryOf(changed).name, "m2 (leader at the start)");
});

test("the line of a member ends also where two readings failed, and not where one fell into the next row", () => {
  const breaksOf = (atSeconds: readonly number[]) => {
    const column = atSeconds.map(() => 1e8);
    const columns = { rssBytes: column, cpuPercent: column, walFsyncP99Ms: column };
    const samples = { atSeconds: [...atSeconds], ...columns, backendCommitP99Ms: column };
    const server = [serverFixture({ member: "m2", endpoint: "h:1", samples })];
    const figure = timeFigure(resultFixture({ operations: [paced()], server }), "Over time", 100)!;
    const lines = figure.panels
      .filter(({ title }) => title.startsWith("etcd"))
      .map((p) => p.lines[0]!);
    return lines.map(({ points }) => points.filter((point) => point === null).length);
  };
  const read = SECONDS.map((at) => at + 0.05);
  // Its readings of 3 and 4 s failed; that of 5 s came early or late.
  const dead = (backAt: number) => [
    ...read.filter((at) => at < 3),
    backAt,
    ...read.filter((at) => at > 6),
  ];
  assert.equal(breaksOf(dead(4.98)), [1, 1, 1]);
  assert.equal(breaksOf(dead(5.07)), [1, 1, 1]);
  assert.equal(breaksOf(read.map((at) => (at === 4.05 ? 3.99 : at))), [0, 0, 0]);
});

test("deliveries in zero time do not compress the axis of latency", () => {
  const recorded = (...latenciesNs: number[]) => {
    const histogram = new LatencyHistogram();
    for (let copy = 0; copy < 500; copy++) for (const ns of latenciesNs) histogram.recordNs(ns);
    const latency = toLatency(histogram);
    histogram.destroy();
    return latency;
  };
  const of = (...ns: number[]) =>
    percentileFigure(
      labelled([
        resultFixture({ operations: [operationFixture({ serviceTime: recorded(...ns) })] }),
      ]),
    );
  const { y } = of(1, 1, 2e6, 4e6)!.panels[0]!;
  assert.ok(y.at(2) < 0.5, `2 ms is at ${y.at(2)} of the axis`);
  assert.is(of(1), null);
});

test.run();
