/** Formats that print one latency print the one that the verdict uses, and name its clock. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import { listedOf } from "../../../src/listing/listed.ts";
import { REPORT_FORMATS } from "../../../src/report/formats.ts";
import { judgedClock, judgedLatency } from "../../../src/result/judged-latency.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { latencyFixture, operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };
/** A paced run, with the leader killed in the middle: requests wait long before they are sent. */
const SERVICE = latencyFixture({
  meanMs: 2.34,
  p50Ms: 1.11,
  p99Ms: 17.2,
  p999Ms: 19.3,
  maxMs: 21.4,
});
const RESPONSE = latencyFixture({
  meanMs: 86.5,
  p50Ms: 5.43,
  p99Ms: 1_270,
  p999Ms: 1_980,
  maxMs: 2_100,
});

function paced() {
  const { plan } = resultFixture();
  return resultFixture({
    plan: { pacing: { ...plan.pacing, ratePerSec: 500 } },
    operations: [operationFixture({ serviceTime: SERVICE, responseTime: RESPONSE })],
  });
}

function render(format: string, results = [paced()]) {
  return formatNamed(format).render(results, OPTIONS);
}

test("the verdict of a paced run uses the response time, and of a closed loop the service time", () => {
  const closed = operationFixture({ serviceTime: SERVICE, responseTime: null });
  assert.equal(judgedLatency(closed), SERVICE);
  assert.is(judgedClock(closed), "service");
  const [operation] = paced().operations;
  assert.equal(judgedLatency(operation!), RESPONSE);
  assert.is(judgedClock(operation!), "response");
});

test("an empty response clock of an older result does not hide the service clock", () => {
  const responseTime = latencyFixture({ count: 0, p99Ms: null });
  assert.is(judgedLatency({ serviceTime: SERVICE, responseTime }), SERVICE);
});

test("no format that prints one p99 prints the service time of a paced run", () => {
  // These print both clocks, each with its name.
  const both = [
    "json",
    "table",
    "html",
    "openmetrics",
    "perfdash",
    "hgrm",
    "hlog",
    "csv",
    "sample",
  ];
  for (const { name } of REPORT_FORMATS) {
    if (both.includes(name)) continue;
    const text = render(name);
    assert.not.match(text, /\b17\.2\b|\b17200000\b/, name);
  }
});

test("tables, markdown and the page name the clock of a paced run", () => {
  const puts = render("summary");
  assert.match(puts, /Latency[\s\S]*clock[\s\S]*response +86\.5 +\d+ +5\.43 +1,270 +1,980/);
  assert.match(render("table"), /^put: 40,000\/s, p50 5\.43 ms, p99 1\.27 s \(response time\), /);
  assert.match(render("table"), /^put +response time +\S+ ms +86\.5 ms /m);
  assert.match(
    render("markdown"),
    /\| operation \| requests\/s \| clock \| mean \|[\s\S]*\| response \| 86\.5 ms \| 5\.43 ms \| 1\.27 s \|/,
  );
  const page = render("html");
  assert.match(page, /with response p99 1\.27 s on/);
  assert.match(page, /<dt>p99 response<\/dt><dd>1\.27<small> s</);
});

test("the tables of a closed loop do not mention clocks", () => {
  const text = render("summary", [resultFixture()]);
  assert.not.match(text, /clock/);
});

test("the cells of a suite name their clock", () => {
  const labels = { suite: "s", cell: "c" };
  const run = paced();
  run.plan.labels = labels;
  assert.match(render("summary", [run]), /response +86\.5 +5\.43 +1,270/);
});

test("names of tracked series show that the figures are response times", () => {
  assert.match(
    render("benchstat"),
    /^BenchmarkPut\/\S*\/rate=500\/clock=response .* 1270000000 p99-ns/m,
  );
  assert.match(render("github-smaller"), /rate=500\/clock=response p99"/);
  assert.match(render("bencher"), /rate=500\/clock=response"/);
  assert.not.match(render("benchstat", [resultFixture()]), /clock=/);
});

test("perfdash has the verdict's latency under upstream's labels, and each clock by its name", () => {
  const { dataItems } = JSON.parse(render("perfdash"));
  const ms = dataItems.filter(({ unit }: { unit: string }) => unit === "ms");
  assert.equal(
    ms.map(({ labels, data }: { labels: object; data: { Perc99: number } }) => [
      labels,
      data.Perc99,
    ]),
    [
      [{ Operation: "PUT" }, 1_270],
      [{ Operation: "PUT", Metric: "response_time" }, 1_270],
      [{ Operation: "PUT", Metric: "service_time" }, 17.2],
    ],
  );
});

test("csv names the clock of each latency, and sample prints the clock of the verdict", () => {
  const result = paced();
  const [interval] = result.operations[0]!.intervals;
  Object.assign(interval!, {
    ...{ minMs: 0.5, meanMs: 2, maxMs: 20, p99Ms: 17.2 },
    ...{ responseMinMs: 0.6, responseMeanMs: 80, responseMaxMs: 2_100, responseP99Ms: 1_270 },
  });
  const [head, row] = render("csv", [result]).split("\n");
  const fields = Object.fromEntries(
    head!.split(",").map((name, at) => [name, row!.split(",")[at]]),
  );
  assert.is(fields.serviceP99Ms, "17.2");
  assert.is(fields.responseP99Ms, "1270");
  assert.is(fields.responseMaxMs, "2100");
  assert.not.ok("p99Ms" in fields);
  const sample = render("sample", [result]);
  assert.match(sample, /^# \S+ put response time\nUNIX-SECOND/);
  assert.match(sample, /,0\.600000,80\.000000,2100\.000000,/);
});

test("a list and a comparison name the clock", () => {
  const [listed] = listedOf({ kind: "results", results: [paced()] });
  assert.is(listed!.kind === "result" && listed!.p99Ms, 1_270);
  assert.is(listed!.kind === "result" && listed!.clock, "response");
  const comparison = compareRuns([paced()], [paced()], { baseLabel: "a", headLabel: "b" });
  const p99 = comparison.cells[0]!.metrics.find(({ metric }) => metric === "p99")!;
  assert.is(p99.clock, "response");
  const text = formatNamed("table").renderComparison!(comparison, OPTIONS);
  assert.match(text, /put +response p99(?: \*)? +1\.27 s/);
});

test("no numeric format prints a bound as if it were the figure", () => {
  const result = paced();
  const bounded = { p99Ms: null, atLeast: { p99Ms: 2_800, maxMs: 3_000 }, maxMs: null };
  result.operations[0]!.responseTime = latencyFixture({ ...RESPONSE, ...bounded });
  const [interval] = result.operations[0]!.intervals;
  Object.assign(interval!, { responseP99Ms: null, atLeast: { responseP99Ms: 2_800 } });
  for (const format of ["benchstat", "github-smaller", "github-bigger", "bencher", "perfdash"]) {
    assert.not.match(render(format, [result]), /2_?8000*\b|2\.8/, format);
  }
  const metrics = render("openmetrics", [result]);
  assert.not.match(metrics, /^bench_response_time_seconds\{[^}]*quantile="0\.99"/m);
  assert.match(
    metrics,
    /^bench_response_time_bound_seconds\{[^}]*quantile="0\.99",bound="least"\} 2\.8 /m,
  );
  const [head, row] = render("csv", [result]).split("\n");
  const fields = Object.fromEntries(
    head!.split(",").map((name, at) => [name, row!.split(",")[at]]),
  );
  assert.is(fields.responseP99Ms, "");
  assert.is(fields.responseP99AtLeastMs, "2800");
  assert.match(render("markdown", [result]), /\| >=2\.80 s \||\| \\>=2\.80 s \|/);
  assert.match(render("summary", [result]), />=2,800/);
  assert.match(render("html", [result]), /with response p99 at least 2\.80 s on/);
});

test.run();
