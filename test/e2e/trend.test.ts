/**
 * Runs `bench trend` and `bench report` on a series made from two results of a real etcd, with
 * changed dates and rates, and on a comparison that bench wrote.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { trendSchema } from "../../src/compare/trend/schema.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { pointOfSeries } from "../fixtures/point-of-series.ts";
import { bench, checkedResult } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ folder: string; series: string; real: Record<string, RunResult> }>("trend");

const POINTS = 20;

before(test, async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-trend-"));
  context.series = path.join(context.folder, "nightly");
  context.real = {};
  const { path: etcd } = await etcdForTests();
  for (const side of ["base", "head"]) {
    const saved = path.join(context.folder, side);
    const args = ["put", "--local", `--etcd=${etcd}`, "--total=300", `--label=side=${side}`];
    const { code, stderr } = await bench([...args, `--save=${saved}`]);
    assert.is(code, 0, stderr);
    const [file] = await readdir(saved);
    context.real[side] = checkedResult(JSON.parse(await readFile(path.join(saved, file!), "utf8")));
  }
  // A closed loop of few requests: only the rate changes, from point 12 on to four fifths.
  for (let point = 0; point < POINTS; point++) {
    const folder = path.join(context.series, `night-${point}`);
    await mkdir(folder, { recursive: true });
    for (const side of ["base", "head"]) {
      const rate = side === "base" ? 1_000 : (point < 12 ? 1_000 : 800) + ((point * 7) % 5);
      const result = pointOfSeries(context.real[side]!, point, side, rate);
      await writeFile(path.join(folder, `${side}.json`), JSON.stringify(result));
    }
  }
});
test.after(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

test("the point and commit of a regression are found, in every format, with exit code 1", async ({
  folder,
  series,
}) => {
  const json = path.join(folder, "trend.json");
  const markdown = path.join(folder, "trend.md");
  const { code, stdout, stderr } = await bench([
    "trend",
    series,
    `--output=json=${json}`,
    `--output=markdown=${markdown}`,
  ]);
  assert.is(code, 1, stderr);
  assert.match(stdout, /^2026-06-13 +c12 +put +requests\/s \* +-\d+\.\d% slower /m);
  assert.match(stdout, /^Verdict: alarm: put throughput is \d+\.\d% below its best level since/m);
  const trend = trendSchema.parse(JSON.parse(await readFile(json, "utf8")));
  assert.equal([trend.nights, trend.segments.length], [POINTS, 1]);
  assert.match(await readFile(markdown, "utf8"), /\| c12 \| put \|/);
  // The saved trend prints like the new one.
  const again = await bench(["report", json]);
  assert.is(again.stdout, stdout);
});

test("with another gate there is no alarm; a saved comparison is a point, and prints the same again", async ({
  folder,
  series,
}) => {
  const comparisons = path.join(folder, "comparisons");
  await mkdir(comparisons);
  const comparison = path.join(comparisons, "night.json");
  const one = path.join(series, "night-0");
  const compared = await bench([
    "compare",
    path.join(one, "base.json"),
    path.join(one, "head.json"),
    `--output=json=${comparison}`,
  ]);
  const again = await bench(["report", comparison]);
  assert.equal([again.code, again.stdout], [0, compared.stdout]);
  const { code, stdout } = await bench(["trend", comparisons, "--gate=p50"]);
  assert.is(code, 0, stdout);
  assert.match(stdout, /^Trend of .*: 1 point, 2026-06-01 to 2026-06-01$/m);
  assert.match(stdout, /^Verdict: too few points: 1 point of this host/m);
});

test("an invalid series is refused in one line", async ({ folder, series }) => {
  const broken = path.join(folder, "newer");
  await mkdir(broken);
  await writeFile(path.join(broken, "x.json"), '{"schemaVersion":99}');
  const base = path.join(folder, "base");
  for (const [args, words] of [
    [["trend", broken], /^bench: .*x\.json has schemaVersion 99, and this bench reads up to 1: /],
    [["trend", base], /^bench: .*base has no points: 1 result of .*: no run of the head/],
    [["trend", series, "--output=csv"], /^bench: --output: csv cannot show a trend; take one of /],
    [["trend", series, "--seed=x"], /^bench: --seed: /],
    [["trend"], /^bench: trend needs more arguments: bench trend <dir>\n$/],
  ] as const) {
    const { code, stdout, stderr } = await bench(args);
    assert.equal([code, stdout], [2, ""], stderr);
    assert.match(stderr, words);
    assert.is(stderr.trimEnd().split("\n").length, 1);
  }
});

test.run();
