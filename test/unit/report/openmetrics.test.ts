/** The OpenMetrics text follows the grammar of OpenMetrics 1.0 and has the result's figures. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { latencyFixture, operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };

interface Sample {
  name: string;
  labels: string;
  value: number;
  unixSeconds: number;
}

const SUFFIXES: Record<string, RegExp> = {
  gauge: /^$/,
  counter: /^_total$/,
  info: /^_info$/,
  summary: /^(_count|_sum)?$/,
};

/** Throws where the text breaks a rule of the grammar, of families or of their types. */
function parseOpenMetrics(text: string): Map<string, Sample[]> {
  assert.ok(text.endsWith("\n# EOF\n"), "ends in # EOF");
  const families = new Map<string, Sample[]>();
  let family = "";
  let type = "";
  const seen = new Set<string>();
  for (const line of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    const meta = /^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (meta !== null) {
      const [, keyword, name, rest] = meta;
      if (keyword === "TYPE") {
        assert.not(families.has(name!), `${name} is there twice`);
        family = name!;
        type = rest!;
        families.set(family, []);
        assert.ok(type in SUFFIXES, type);
      }
      assert.is(name, family);
      if (keyword === "UNIT") assert.ok(family.endsWith(`_${rest}`), `${family} ends in ${rest}`);
      continue;
    }
    const sample =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?[\d.]+(?:e[+-]?\d+)?) (\d+(?:\.\d+)?)$/.exec(
        line,
      );
    assert.ok(sample, `no sample: ${line}`);
    const [, name, labels, value, at] = sample;
    assert.ok(name!.startsWith(family), line);
    assert.match(name!.slice(family.length), SUFFIXES[type]!);
    assert.not(seen.has(`${name}{${labels}}`), `${line} is there twice`);
    seen.add(`${name}{${labels}}`);
    const parsed = { name: name!, labels: labels!, value: Number(value), unixSeconds: Number(at) };
    families.get(family)!.push(parsed);
  }
  return families;
}

const render = (results: RunResult[]) => formatNamed("openmetrics").render(results, OPTIONS);

test("a result's counts, latencies in seconds, and etcd's cost have the time of its run", () => {
  const result = resultFixture({
    plan: { labels: { "the commit": 'a"b\\c\nd' } },
    operations: [operationFixture({ responseTime: latencyFixture({ p999Ms: null }) })],
  });
  // In the fixture all members have one endpoint.
  result.server = result.server.slice(0, 1);
  const families = parseOpenMetrics(render([result]));
  const value = (family: string, words: string) => {
    const found = families
      .get(family)!
      .filter(({ name, labels }) => `${name} ${labels}`.includes(words));
    assert.is(found.length, 1, `${family} ${words}`);
    assert.is(found[0]!.unixSeconds, Date.parse(result.startedAt) / 1000);
    return found[0]!.value;
  };
  assert.is(value("bench_requests", 'outcome="succeeded"'), 100_000);
  assert.is(value("bench_throughput_requests_per_second", 'operation="put"'), 40_000);
  assert.is(value("bench_service_time_seconds", 'quantile="0.99"'), 0.0526);
  assert.is(value("bench_service_time_seconds", "_sum"), 2510);
  const cpu = families.get("bench_etcd_cpu_seconds")!;
  assert.is(cpu[0]!.value, 1.75);
  const roundTrip = families.get("bench_etcd_peer_round_trip_mean_seconds")!;
  assert.is(roundTrip[0]!.value, 0.0009);
  assert.is(families.get("bench_etcd_cpu_ratio")![0]!.value, 0.7);
  const response = families.get("bench_response_time_seconds")!;
  assert.not(response.some(({ labels }) => labels.includes('quantile="0.999"')));
  const [info] = families.get("bench_run")!;
  assert.ok(info!.labels.includes('label_the_commit="a\\"b\\\\c\\nd"'), info!.labels);
});

test("several results share families, and a figure that none has is left out", () => {
  const one = resultFixture({ id: "one" });
  const two = resultFixture({ id: "two" });
  for (const each of [one, two]) each.server = [];
  const families = parseOpenMetrics(render([one, two]));
  assert.is(families.get("bench_run")!.length, 2);
  assert.not(families.has("bench_response_time_seconds"));
  assert.not(families.has("bench_etcd_cpu_seconds"));
});

test("a comparison is its ratios", () => {
  const comparison = compareRuns(
    [resultFixture({ id: "a" })],
    [resultFixture({ id: "b", operations: [operationFixture({ throughputPerSec: 20_000 })] })],
    { baseLabel: "a", headLabel: "b" },
  );
  const text = formatNamed("openmetrics").renderComparison!(comparison, OPTIONS);
  const families = parseOpenMetrics(text);
  const throughput = families
    .get("bench_comparison_ratio")!
    .find(({ labels }) => labels.includes('metric="throughput"'))!;
  assert.is(throughput.value, 0.5);
  assert.not(families.has("bench_comparison_bound_ratio"));
});

const promtool = spawnSync("promtool", ["--version"]);
const hasPromtool = promtool.error === undefined && promtool.status === 0;
if (!hasPromtool) console.log("skipped: what promtool makes of OpenMetrics: it is not on the PATH");

(hasPromtool ? test : test.skip)(
  "promtool makes blocks of what a database is to hold",
  async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "bench-promtool-"));
    try {
      const [a, b] = [resultFixture({ id: "a" }), resultFixture({ id: "b" })];
      const compared = compareRuns([a], [b], { baseLabel: "a", headLabel: "b" });
      const texts = [
        formatNamed("openmetrics").render([a, b], OPTIONS),
        formatNamed("openmetrics").renderComparison!(compared, OPTIONS),
      ];
      for (const [at, text] of texts.entries()) {
        const file = path.join(folder, `${at}.txt`);
        await writeFile(file, text);
        const args = [
          "tsdb",
          "create-blocks-from",
          "openmetrics",
          file,
          path.join(folder, `${at}`),
        ];
        const { status, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
        assert.is(status, 0, stderr);
        assert.ok((await readdir(path.join(folder, `${at}`))).length > 0);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test("requests by endpoint have separate families, with endpoint and member", async () => {
  const serviceTime = latencyFixture({ p99Ms: 7 });
  const of = (endpoint: string, member: string | null) => ({
    ...operationFixture({ name: `put@${endpoint}`, serviceTime }),
    ...{ operation: "put", endpoint, member },
  });
  const result = resultFixture({ server: [], byEndpoint: [of("a:1", "m1"), of("b:1", null)] });
  const text = (await formatNamed("openmetrics")).render([result], OPTIONS);
  const families = parseOpenMetrics(text);
  const requests = families.get("bench_endpoint_requests")!;
  assert.is(requests.length, 4);
  assert.match(requests[0]!.labels, 'operation="put",endpoint="a:1",member="m1"');
  assert.match(requests[2]!.labels, 'endpoint="b:1",member=""');
  const p99 = families
    .get("bench_endpoint_service_time_seconds")!
    .filter(({ labels }) => labels.includes('quantile="0.99"'));
  assert.equal(
    p99.map(({ value }) => value),
    [0.007, 0.007],
  );
  // No sum counts a request twice.
  assert.ok(families.get("bench_requests")!.every(({ labels }) => !labels.includes("endpoint")));
});

test.run();
