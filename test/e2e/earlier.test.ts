/** Runs bench on folders that earlier versions saved: report, list, compare, trend and resume. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Comparison, comparisonSchema } from "../../src/compare/schema.ts";
import { packageRoot } from "../../src/package-root.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { bench, checkedResult } from "../harness/bench-process.ts";

/** `folder` has a copy of all saved folders. */
const test = suite<{ folder: string }>("earlier");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-earlier-"));
  const saved = path.join(packageRoot(), "test", "fixtures", "earlier");
  await cp(saved, context.folder, { recursive: true });
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

async function comparisonIn(file: string): Promise<Comparison> {
  return comparisonSchema.parse(JSON.parse(await readFile(file, "utf8")));
}

/** A comparison without its individual fields. */
function said({ base, head, status, verdict, labels, notes, cells }: Comparison): unknown {
  const ofCells = cells.map(({ name, design, pairs, metrics }) => ({
    name,
    design,
    pairs,
    metrics: metrics.map(({ operation, metric, isGate, ratio, verdict: ofMetric }) => [
      ...[operation, metric, isGate, ratio, ofMetric],
    ]),
  }));
  return { base, head, status, verdict, labels, notes, ofCells };
}

async function printedResults(words: readonly string[], cwd: string): Promise<RunResult[]> {
  const { code, stdout, stderr } = await bench([...words, "--output=json"], { cwd });
  assert.is(code, 0, stderr);
  const printed: unknown = JSON.parse(stdout);
  return (Array.isArray(printed) ? printed : [printed]).map(checkedResult);
}

test("results of suites and of ab are reported", async ({ folder }) => {
  const counts = { suite: 5, "suite-cut-short": 2, ab: 4, "ab-cut-short": 3 };
  for (const [name, count] of Object.entries(counts)) {
    const results = await printedResults(["report", name], folder);
    assert.is(results.length, count, name);
    assert.ok(results.every(({ operations }) => operations[0]!.requests.succeeded === 60));
  }
  const summary = await bench(["report", "suite", "--output=summary"], { cwd: folder });
  assert.match(summary.stdout, /writes, conns=2 .*\n(.*\n)*.*reads /);
});

test("everything is listed, and every file is readable", async ({ folder }) => {
  const { code, stdout, stderr } = await bench(["list", "."], { cwd: folder });
  assert.equal([code, stderr], [0, ""]);
  const results = 5 + 2 + 4 + 3;
  const comparisons = 2 + 3 + 1;
  assert.match(stdout, new RegExp(`^${results + comparisons} results in `, "m"));
  assert.not.match(stdout, /unreadable/);
});

test("a session of ab gives its verdict again", async ({ folder }) => {
  for (const name of ["ab", "ab-cut-short"]) {
    const { code, stdout, stderr } = await bench(["compare", name, "-o", "json"], { cwd: folder });
    const saved = await comparisonIn(path.join(folder, `${name}-comparison.json`));
    assert.is(code, saved.verdict.kind === "invalid" ? 4 : 0, stderr);
    const again = comparisonSchema.parse(JSON.parse(stdout));
    // Comparisons have more notes now.
    const isOlder = (note: string) => saved.notes.includes(note);
    // That the client was the limit is followed by its reason now.
    const withoutWhy = (reason: string) => reason.replace(/(?<=limited by the client): .*/, "");
    const verdict = { ...again.verdict, reasons: again.verdict.reasons.map(withoutWhy) };
    const notes = again.notes.filter(isOlder);
    assert.equal(said({ ...again, verdict, notes }), said(saved), name);
  }
});

test("saved comparisons have the same trend as before, and so does the saved trend", async ({
  folder,
}) => {
  const again = await bench(["trend", "nights", "--output=json"], { cwd: folder });
  assert.is(again.code, 0, again.stderr);
  const saved = JSON.parse(await readFile(path.join(folder, "nights-trend.json"), "utf8"));
  // A field that trends did not have then.
  const { gaps, ...trend } = JSON.parse(again.stdout);
  assert.equal(gaps, []);
  // Sentences may change, and this one did: earlier it counted nights.
  assert.match(trend.verdict.reasons.join(), /^1 point of this host and reference; 16 are needed /);
  trend.verdict.reasons = saved.verdict.reasons;
  assert.equal({ ...trend, id: saved.id }, saved);
  const report = await bench(["report", "nights-trend.json"], { cwd: folder });
  assert.match(report.stdout, /^Trend of nights: 1 point, /);
});

test("an incomplete suite resumes with the missing runs", async ({ folder }) => {
  const manifest = path.join(folder, "suite-cut-short", "suite.json");
  const text = await readFile(manifest, "utf8");
  // The suite has a new path now.
  await writeFile(manifest, text.replace("/suites/small.yaml", path.join(folder, "small.yaml")));
  const before = await printedResults(["report", "suite-cut-short"], folder);
  const after = await printedResults(["run", "--resume=suite-cut-short"], folder);
  assert.is(after.length, 5);
  const kept = new Map(after.map((result) => [result.id, result]));
  for (const result of before) assert.equal(kept.get(result.id), result);
});

test("an incomplete session of ab measures its missing pairs", async ({ folder }) => {
  const words = [
    ...["ab", "put", "--local", "--b-args=--snapshot-count=1000", "--total=60", "--val-size=16"],
    ...["--clients=2", "--sequential-keys", "--gate=throughput"],
    ...["--least-effect=throughput=5%", "--resume=ab-cut-short"],
  ];
  const other = await bench([...words, "--pairs=4"], { cwd: folder });
  assert.is(other.code, 2);
  assert.match(
    other.stderr,
    /^bench: --resume: .*ab-cut-short was begun with other flags \(pairs /,
  );
  const { code, stdout, stderr } = await bench([...words, "--pairs=3", "-o", "json"], {
    cwd: folder,
  });
  assert.ok(code === 0 || code === 4, stderr);
  assert.match(stderr, /^there already: 1 of 3 pairs$/m);
  const comparison = comparisonSchema.parse(JSON.parse(stdout));
  assert.equal([comparison.status, comparison.cells[0]!.pairs], ["complete", 3]);
  const saved = await comparisonIn(path.join(folder, "ab-cut-short-comparison.json"));
  assert.ok(comparison.base.resultIds.includes(saved.base.resultIds[0]!));
  const again = await bench(["compare", "ab-cut-short", "-o", "json"], { cwd: folder });
  const read = comparisonSchema.parse(JSON.parse(again.stdout));
  assert.equal(said(read), said(comparison), again.stderr);
});

test.run();
