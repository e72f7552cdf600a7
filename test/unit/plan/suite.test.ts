import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { runPlanSchema } from "../../../src/plan/schema.ts";
import { loadSuite, planSuiteRun } from "../../../src/plan/suite.ts";
import { packageRoot } from "../../../src/result/package-root.ts";
import { publishedRows } from "../../../src/result/published.ts";

const QUICKSTART = path.join(packageRoot(), "workloads", "quickstart.yaml");
const ENDPOINTS = ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"];

async function loadText(text: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "bench-suite-"));
  try {
    const file = path.join(folder, "suite.yaml");
    await writeFile(file, text);
    return await loadSuite(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("the quickstart suite has the load of each published row, and no other", async () => {
  const { members, runs } = await loadSuite(QUICKSTART);
  assert.is(members, 3);
  const load = (plan: ReturnType<typeof planSuiteRun>["plan"]) => ({
    workload: plan.workload,
    connections: plan.load.connections,
    clients: plan.load.clients,
    leaderOnly: plan.target.leaderOnly,
    total: plan.limits.totalRequests,
    ratePerSec: plan.pacing.ratePerSec,
  });
  const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const planned = runs.map((run) => load(planSuiteRun(run, ENDPOINTS).plan)).sort(byText);
  const published = publishedRows()
    .filter(({ result }) => result.target.version === "3.2.0")
    .map(({ result }) => load(result.plan))
    .sort(byText);
  assert.is(published.length, 7);
  assert.equal(planned, published);
});

test("each run of the quickstart suite makes a sound plan against the given endpoints", async () => {
  const { runs } = await loadSuite(QUICKSTART);
  for (const run of runs) {
    const { plan } = planSuiteRun(run, ENDPOINTS);
    assert.equal(runPlanSchema.parse(plan), plan);
    assert.equal(plan.target.endpoints, ENDPOINTS);
  }
});

test("a suite that is no YAML, or has a field too many, is refused with the file and the place", async () => {
  const message = async (text: string) => {
    try {
      await loadText(text);
    } catch (error) {
      assert.instance(error, BenchError);
      assert.is((error as BenchError).exitCode, 2);
      return (error as BenchError).message;
    }
    return "nothing was thrown";
  };
  assert.match(await message("runs: [\n"), /suite\.yaml cannot be read as YAML/);
  assert.match(await message("name: a\nmembers: 2\nruns: []\n"), /suite\.yaml: members/);
  assert.match(
    await message("name: a\nmembers: 1\nruns: [{name: b, command: put, flag: {}}]\n"),
    /suite\.yaml: runs\.0/,
  );
});

test.run();
