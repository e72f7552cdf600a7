/** Runs `bench compare` on saved results from a real etcd: files, folders, outputs. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { comparisonSchema } from "../../src/compare/schema.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { calmResults } from "../fixtures/calm-results.ts";
import { bench } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ cluster: LocalCluster; folder: string; a: string; b: string }>("compare");

/** Saves two alternating pairs of the same load, A B and B A, by side. */
before(test, async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-compare-"));
  context.a = path.join(context.folder, "a");
  context.b = path.join(context.folder, "b");
  for (const side of [context.a, context.b, context.b, context.a]) {
    const { code, stderr } = await bench([
      "range",
      `--endpoints=${context.cluster.endpoints[0]}`,
      "--total=500",
      "--consistency=s",
      `--label=side=${path.basename(side)}`,
      `--save=${side}`,
    ]);
    assert.is(code, 0, stderr);
  }
  await calmResults(context.folder);
});
test.after(async ({ cluster, folder }) => {
  await cluster?.down();
  await rm(folder, { recursive: true, force: true });
});

test("two folders of alternating runs are compared as pairs, in every format", async ({
  folder,
  a,
  b,
}) => {
  const junit = path.join(folder, "junit.xml");
  const markdown = path.join(folder, "summary.md");
  const { code, stdout, stderr } = await bench([
    "compare",
    a,
    b,
    "--output=json",
    `--output=junit=${junit}`,
    `--output=markdown=${markdown}`,
    "--strict",
  ]);
  const comparison = comparisonSchema.parse(JSON.parse(stdout));
  const [cell, ...others] = comparison.cells;
  assert.is(others.length, 0);
  assert.equal([cell!.design, cell!.pairs], ["pairs", 2], stderr);
  const throughput = cell!.metrics.find(({ metric }) => metric === "throughput")!;
  assert.is(throughput.pairs.length, 2);
  // The smallest p of two pairs is 0.5, so no verdict of slower or faster is possible.
  assert.is(code, 3, stdout);
  assert.match(await readFile(junit, "utf8"), /<testsuite name="bench compare range /);
  assert.match(await readFile(markdown, "utf8"), /^\*\*Head against base: /);
});

test("one run on each side gives ratios, a sentence and exit code 0", async ({ a, b }) => {
  const [base] = await readdir(a);
  const [head] = await readdir(b);
  const { code, stdout, stderr } = await bench([
    "compare",
    path.join(a, base!),
    path.join(b, head!),
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^range-serializable +requests\/s \* /m);
  assert.match(stdout, /One run a side carries no spread between runs/);
  assert.match(stdout, /^Verdict: undecided/m);
});

test("results that cannot be compared are refused in one line", async ({ folder, a, b }) => {
  const empty = path.join(folder, "none");
  const broken = path.join(folder, "broken.json");
  await writeFile(broken, "{");
  for (const [args, words] of [
    [[a, empty], /^bench: cannot read .*none: no such file or folder\n$/],
    [[a, broken], /^bench: .*broken\.json is not JSON/],
    [[a, a], /^bench: the result \w+ is in .* cannot be compared with itself\n$/],
    [[a, b, "--output=csv"], /^bench: --output: csv cannot show a comparison; take one of table/],
    [[a, b, "--gate=p98"], /^bench: --gate: "p98" is no metric/],
    [
      [a],
      /^bench: .* holds no session of bench ab, and nothing is named to compare it with: bench compare <base> <head>\n$/,
    ],
  ] as const) {
    const { code, stdout, stderr } = await bench(["compare", ...args]);
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    assert.match(stderr, words);
  }
});

test.run();
