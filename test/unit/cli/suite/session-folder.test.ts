/** Work in the folder of a suite, and the differences between two manifests. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { differenceOf, doneRuns, removeUndone } from "../../../../src/cli/suite/session-folder.ts";
import { releaseSession } from "../../../../src/saved/session-claim.ts";
import { beginSuiteFolder, saveSuiteRun } from "../../../../src/saved/suite-folder.ts";
import { resultFixture } from "../../../fixtures/result-fixture.ts";
import { sessionManifest } from "../../../fixtures/session-manifest.ts";

const test = suite<{ folder: string }>("session folder");
test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-session-folder-"));
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

/** a1 b1, b2 and an interrupted a2, and b3 alone: the order is a1 b1 b2 a2 a3 b3. */
async function cutShort(folder: string) {
  const manifest = sessionManifest({ pairs: 3 });
  await beginSuiteFolder(folder, manifest);
  releaseSession(folder);
  for (const at of [0, 1, 2, 3, 5]) {
    const status = at === 3 ? "interrupted" : "complete";
    await saveSuiteRun(folder, manifest.runs[at]!, [resultFixture({ id: `run${at}`, status })]);
  }
  return manifest;
}

test("half a pair of ab is run again, and its remaining file is removed", async ({ folder }) => {
  const manifest = await cutShort(folder);
  const done = await doneRuns(folder, manifest);
  assert.equal([...done.keys()], [0, 1]);
  await removeUndone(folder, manifest, done);
  assert.equal((await readdir(folder)).sort(), [
    "001-put-a.1.json",
    "002-put-b.1.json",
    "suite.json",
  ]);
});

test("in a suite without pairs each run counts by itself", async ({ folder }) => {
  const manifest = await cutShort(folder);
  const done = await doneRuns(folder, { ...manifest, comparison: null });
  assert.equal([...done.keys()], [0, 1, 2, 5]);
});

test("the difference to a manifest that measures something else names its first different run", () => {
  const was = sessionManifest({ pairs: 2 });
  assert.is(differenceOf(was, was), null);
  const other = { ...was, contentHash: "1".repeat(64) };
  assert.is(differenceOf(was, other), 'it was begun with "bench ab put"');
  assert.match(
    differenceOf({ ...was, comparison: null }, other)!,
    /^the order, names, preparation or target of its runs/,
  );
  const runs = was.runs.map((run, at) => (at === 2 ? { ...run, command: ["put", "-c9"] } : run));
  assert.is(differenceOf(was, { ...other, runs }), 'run 3 was "put" and is "put -c9"');
  const fewer = { ...other, runs: was.runs.slice(0, 3) };
  assert.is(differenceOf(was, fewer), 'run 4 was "put" and is gone');
  assert.is(differenceOf(fewer, was), "it has 4 runs where it had 3");
});

test.run();
