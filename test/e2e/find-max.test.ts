/** Runs `--find-max` on a real etcd: the search steps, its outputs, and an interrupt during a step. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { searchesOf, stepOutcome } from "../../src/result/search.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench, checkedResult } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ cluster: LocalCluster; folder: string }>("find-max");

before(test, async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-find-max-"));
});
test.after(async ({ cluster, folder }) => {
  await cluster?.down();
  await rm(folder, { recursive: true, force: true });
});

/** One client has a limited rate, so that the search ends on any machine. */
const SHORT = [
  "--clients=1",
  "--find-max=p50<50ms",
  "--find-start=200",
  "--find-step-duration=300ms",
  "--duration=700ms",
  "--find-precision=50%",
];

for (const command of [["put"], ["range", "--consistency=s"]]) {
  test(`${command[0]}: every step is a run at a constant rate, and the last one verifies`, async ({
    cluster,
    folder,
  }) => {
    const saved = path.join(folder, command[0]!);
    const { code, stdout, stderr } = await bench([
      ...command,
      `--endpoints=${cluster.endpoints[0]}`,
      ...SHORT,
      "--output=json",
      `--save=${saved}`,
    ]);
    const results = (JSON.parse(stdout) as unknown[]).map(checkedResult);
    assert.ok(results.length >= 3, stderr);
    for (const [index, { plan, search, thresholds }] of results.entries()) {
      assert.is(search!.step, index + 1);
      assert.is(plan.pacing.arrival, "constant");
      const durationMs = plan.limits.durationMs!;
      const leastMs = search!.isVerification ? 700 : 300;
      assert.ok(durationMs >= leastMs, `${durationMs} ms`);
      // At a low rate the steps are longer, so that the p50 is certain.
      if (plan.pacing.ratePerSec! >= 200) assert.ok(durationMs <= 700, `${durationMs} ms`);
      assert.is(thresholds[0]!.expression, "p50<50ms");
    }
    const [first, second] = ratesOf(results);
    assert.is(first, 200);
    // A step that does not hold is measured once more, for any reason.
    assert.is(second, stepOutcome(results[0]!) === "held" ? 400 : 200);
    const [search, ...others] = searchesOf(results);
    assert.is(others.length, 0);
    assert.is(code, search!.found === null ? 1 : 0, stderr);
    if (search!.found !== null) {
      assert.is(search!.found, results.at(-1));
      assert.ok(
        results.some((result) => stepOutcome(result) !== "held"),
        "it met a ceiling",
      );
    }
    const files = (await readdir(saved)).map((name) => path.join(saved, name));
    assert.is(files.length, results.length);
    const report = await bench(["report", ...files]);
    assert.is(report.code, 0, report.stderr);
    assert.match(report.stdout, /^Highest rate with p50<50ms\n/);
    assert.is(
      report.stdout.match(
        /^ *(verify )?\d+ +[\d,.]+ +[\d,.]+ .*(valid|rate-unmet|client-limited|errors)/gm,
      )?.length,
      results.length,
    );
  });
}

function ratesOf(results: readonly RunResult[]): (number | null)[] {
  return results.map(({ plan }) => plan.pacing.ratePerSec);
}

test("Ctrl-C prints the finished steps, and exits with 130", async ({ cluster }) => {
  const process = new BenchProcess([
    "range",
    `--endpoints=${cluster.endpoints[0]}`,
    "--clients=2",
    "--find-max=mean<10s",
    "--find-start=10",
    "--find-step-duration=1s",
  ]);
  // On a busy machine the client may limit the step, and it does not hold.
  await process.said(/^step 1: 10\.0\/s: /m);
  process.signal("SIGINT");
  const { code, stdout } = await process.ended;
  assert.is(code, 130, stdout);
  assert.match(stdout, /^Highest rate with mean<10s\n/);
  assert.match(stdout, /^ +1 +10\.0 /m);
  assert.match(stdout, /No rate was found/);
});

test("a search with an invalid limit is refused before anything starts", async ({ cluster }) => {
  const flags = ["put", `--endpoints=${cluster.endpoints[0]}`, "--find-max=qps>5"];
  const { code, stdout, stderr } = await bench(flags);
  assert.is(code, 2);
  assert.is(stdout, "");
  assert.match(stderr, /^bench: --find-max: "qps>5" is not a limit/);
});

test.run();
