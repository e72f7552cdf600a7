/** Tests the folder of a `bench ab` session: reading, comparing, and telling it from a suite. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareArms, loadSession } from "../../../src/ab/session.ts";
import { releaseSession } from "../../../src/saved/session-claim.ts";
import { beginSuiteFolder, saveSuiteRun } from "../../../src/saved/suite-folder.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";
import { sessionManifest } from "../../fixtures/session-manifest.ts";

const test = suite<{ folder: string }>("session");
test.before.each(async (context) => {
  context.folder = path.join(await mkdtemp(path.join(os.tmpdir(), "bench-session-")), "s");
});
test.after.each(async ({ folder }) => {
  releaseSession(folder);
  await rm(path.dirname(folder), { recursive: true, force: true });
});

test("the arms are compared with the gates of the manifest", async ({ folder }) => {
  const manifest = sessionManifest({ pairs: 2, first: "b" });
  await beginSuiteFolder(folder, manifest);
  assert.equal((await loadSession(folder))!.results, { a: [], b: [] });
  for (const [at, run] of manifest.runs.entries()) {
    const labels = { session: "s1", side: run.arm!, pair: String(run.repeat) };
    const startedAt = new Date(Date.UTC(2026, 7, 1, 10, at)).toISOString();
    const result = resultFixture({ id: `run${at}`, startedAt, plan: planFixture({ labels }) });
    await saveSuiteRun(folder, run, [result]);
  }
  const session = (await loadSession(folder))!;
  const { results } = session;
  assert.is(session.files.length, 4);
  const idsOf = (arm: "a" | "b") => results[arm].map(({ id }) => id);
  assert.equal(
    [idsOf("b"), idsOf("a")],
    [
      ["run0", "run3"],
      ["run1", "run2"],
    ],
  );
  const comparison = compareArms(session);
  assert.is(comparison.status, "complete");
  assert.is(comparison.base.label, "a");
  assert.is(comparison.head.label, "b (--b-flags='--conns=2')");
  assert.ok(comparison.notes.includes("The clusters were there before."));
  const gates = comparison.cells[0]!.metrics.filter(({ isGate }) => isGate);
  assert.equal(
    gates.map(({ metric, leastEffect }) => [metric, leastEffect]),
    [["throughput", 0.2]],
  );
  const one = { a: results.a.slice(0, 1), b: results.b.slice(0, 1) };
  assert.is(compareArms({ ...session, results: one }).status, "interrupted");
});

test("a suite of bench run is no session", async ({ folder }) => {
  await beginSuiteFolder(folder, { ...sessionManifest({ pairs: 2 }), comparison: null });
  assert.is(await loadSession(folder), null);
});

test.run();
