/** The output for tools that track benchmarks: benchstat, github-action-benchmark, Bencher. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import type { Comparison } from "../../../src/compare/schema.ts";
import { loadPath } from "../../../src/report/load-path.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  latencyFixture,
  operationFixture,
  rangeResultFixture,
  resultFixture,
} from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };
const PATH = "put/val=256/conns=100/clients=1000";

let made = 0;

/** A run that starts a minute after the previous one. */
function run(throughputPerSec: number, p99Ms: number | null, side = "base"): RunResult {
  const startedAt = new Date(Date.UTC(2026, 7, 1, 10, made)).toISOString();
  const serviceTime = latencyFixture({ p99Ms });
  return resultFixture({
    id: `run${made++}`,
    startedAt,
    plan: { labels: { side, "Commit Id": "4f\n2" } },
    operations: [operationFixture({ throughputPerSec, serviceTime })],
  });
}

const render = (format: string, results: RunResult[]) =>
  formatNamed(format).render(results, OPTIONS);

function pairs(): Comparison {
  const base = [run(1_000, 10), run(1_100, 11), run(1_200, 12)];
  // Runs alternate: each head starts 30 s after its base.
  const head = base.map((each, at) =>
    resultFixture({
      ...each,
      id: `head${at}`,
      startedAt: each.startedAt.replace(":00.000Z", ":30.000Z"),
      operations: [operationFixture({ throughputPerSec: 900, serviceTime: latencyFixture() })],
    }),
  );
  return compareRuns(base, head, { baseLabel: "a", headLabel: "b" });
}

interface BenchmarkLine {
  name: string;
  iterations: number;
  values: Record<string, number>;
  config: Record<string, string>;
}

/** Parses the Go benchmark data format: configuration lines, unit lines, and one line per run. */
function parseBenchmarks(text: string): { units: Record<string, string>; lines: BenchmarkLine[] } {
  const units: Record<string, string> = {};
  const lines: BenchmarkLine[] = [];
  const config: Record<string, string> = {};
  for (const line of text.trimEnd().split("\n")) {
    const unit = /^Unit (\S+) better=(higher|lower)$/.exec(line);
    const setting = /^([a-z][^\sA-Z:]*):(?:\s+(.*))?$/.exec(line);
    if (unit !== null) units[unit[1]!] = unit[2]!;
    else if (setting !== null) {
      if (setting[2] === undefined) delete config[setting[1]!];
      else config[setting[1]!] = setting[2];
    } else {
      const [name, iterations, ...rest] = line.split(/\s+/);
      assert.match(name!, /^Benchmark(?![a-z])\S+$/);
      assert.match(iterations!, /^[1-9]\d*$/);
      assert.ok(rest.length >= 2 && rest.length % 2 === 0, line);
      const values: Record<string, number> = {};
      for (let at = 0; at < rest.length; at += 2) {
        assert.ok(Number.isFinite(Number(rest[at])), line);
        assert.not(rest[at + 1]! in values, line);
        values[rest[at + 1]!] = Number(rest[at]);
      }
      lines.push({ name: name!, iterations: Number(iterations), values, config: { ...config } });
    }
  }
  return { units, lines };
}

test("benchstat has a line per run, with its labels, counts and figures in nanoseconds", () => {
  const { units, lines } = parseBenchmarks(
    render("benchstat", [run(1_000.5, 10), run(1_100, null, "head")]),
  );
  assert.is(units["req/s"], "higher");
  assert.is(units["p99-ns/op"], "lower");
  assert.equal(
    lines.map(({ name, iterations }) => [name, iterations]),
    Array(2).fill(["BenchmarkPut/val=256/conns=100/clients=1000", 100_000]),
  );
  const [first, second] = lines;
  assert.equal([first!.values["req/s"], first!.values["p99-ns/op"]], [1_000.5, 10e6]);
  assert.not("p99-ns/op" in second!.values);
  assert.is(second!.values["p99.9-ns/op"], 71.8e6);
  for (const unit of Object.keys(first!.values)) assert.ok(unit in units, unit);
  assert.equal([first!.config.side, second!.config.side], ["base", "head"]);
  assert.equal([first!.config["commit-id"], first!.config.etcd], ["4f 2", "3.5.30"]);
});

test("a label that the next run lacks is unset, and operation names follow Go's rules", () => {
  const unlabelled = rangeResultFixture(["serializable"]);
  const { lines } = parseBenchmarks(render("benchstat", [run(1, 1), unlabelled]));
  assert.is(lines[1]!.name, "BenchmarkRangeSerializable/val=256/conns=100/clients=1000");
  assert.not("side" in lines[1]!.config);
});

test("benchstat has three significant digits of a low rate", () => {
  const { lines } = parseBenchmarks(render("benchstat", [run(20 / 3600, 1), run(1 / 3600, 1)]));
  assert.equal(
    lines.map(({ values }) => values["req/s"]),
    [0.00556, 0.000278],
  );
});

test("benchstat of a comparison has the runs of each pair under their sides", () => {
  const text = formatNamed("benchstat").renderComparison!(pairs(), OPTIONS);
  const { lines } = parseBenchmarks(text);
  assert.equal(
    lines.map(({ config, values }) => [config.side, values["req/s"]]),
    [
      ["base", 1_000],
      ["base", 1_100],
      ["base", 1_200],
      ["head", 900],
      ["head", 900],
      ["head", 900],
    ],
  );
});

test("github-action-benchmark has latencies in one file and rates in the other", () => {
  const results = [run(1_000, 10), run(1_100, 12), run(1_300, 11)];
  const smaller = JSON.parse(render("github-smaller", results));
  const bigger = JSON.parse(render("github-bigger", results));
  assert.equal(bigger, [
    {
      name: `${PATH} throughput`,
      unit: "requests/s",
      value: 1_100,
      range: "200",
      extra: "n=3\netcd 3.5.30",
    },
  ]);
  const p99 = smaller.find(({ name }: { name: string }) => name === `${PATH} p99`);
  assert.equal([p99.value, p99.range, p99.unit], [11, "1", "ms"]);
  assert.not(smaller.some(({ name }: { name: string }) => name.endsWith("throughput")));
  const [alone] = JSON.parse(render("github-bigger", [run(5, 1)]));
  assert.not("range" in alone);
  const compared = formatNamed("github-bigger").renderComparison!(pairs(), OPTIONS);
  assert.equal(
    JSON.parse(compared).map(({ name, value }: { name: string; value: number }) => [name, value]),
    [[`${PATH} throughput`, 900]],
  );
});

test("Bencher has benchmarks by name, measures by slug, latency in nanoseconds, and bounds", () => {
  const bmf = JSON.parse(render("bencher", [run(1_000, 10), run(1_100, 12), run(1_300, null)]));
  assert.equal(Object.keys(bmf), [PATH]);
  assert.equal(bmf[PATH].throughput, { value: 1_100, lower_value: 1_000, upper_value: 1_300 });
  assert.equal(bmf[PATH]["latency-p99"], { value: 11e6, lower_value: 10e6, upper_value: 12e6 });
  assert.equal(bmf[PATH].latency.value, 25.1e6);
  for (const slug of Object.keys(bmf[PATH])) assert.match(slug, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  const compared = JSON.parse(formatNamed("bencher").renderComparison!(pairs(), OPTIONS));
  assert.is(compared[PATH].throughput.value, 900);
});

test("what requests without an answer leave open in one run is no figure of the other runs", () => {
  const failing = run(900, null);
  const missing = { count: 2_000, histogram: "" };
  Object.assign(failing.operations[0]!.serviceTime, { missing, atLeast: { p99Ms: 3_000 } });
  const runs = [run(1_000, 10), failing, run(1_300, 12)];
  const names = (format: string) =>
    JSON.parse(render(format, runs)).map(({ name }: { name: string }) => name);
  assert.equal(names("github-bigger"), [`${PATH} throughput`]);
  assert.not(names("github-smaller").includes(`${PATH} p99`));
  assert.ok(names("github-smaller").includes(`${PATH} p50`));
  assert.not("latency-p99" in JSON.parse(render("bencher", runs))[PATH]);
  const { lines } = parseBenchmarks(render("benchstat", runs));
  assert.equal(
    lines.map(({ values }) => ["p99-ns/op" in values, "p50-ns/op" in values]),
    Array(3).fill([false, true]),
  );
});

test("a path has the settings that distinguish a load, without characters that names cannot have", () => {
  assert.is(
    loadPath("put value 256 B conns=1 clients=10 500/s", "put", "response"),
    "put/val=256/conns=1/clients=10/rate=500/clock=response",
  );
  assert.is(loadPath("stm conns=1 clients=1", "stm lock", "service"), "stm_lock/conns=1/clients=1");
});

test("different loads never become one series, even if their short descriptions are the same", () => {
  const led = resultFixture({ ...run(44_000, 10), plan: { target: { leaderOnly: true } } });
  const all = resultFixture({ ...run(50_000, 10), plan: { target: { leaderOnly: false } } });
  const rates = JSON.parse(render("github-bigger", [led, all, { ...all, id: "again" }]));
  assert.equal(
    rates.map(({ name, value, extra }: { name: string; value: number; extra: string }) => {
      return [name, value, extra.split("\n")[0]];
    }),
    [
      [`${PATH}/leaderOnly=true throughput`, 44_000, "n=1"],
      [`${PATH}/leaderOnly=false throughput`, 50_000, "n=2"],
    ],
  );
  assert.is(Object.keys(JSON.parse(render("bencher", [led, all]))).length, 2);
});

test.run();
