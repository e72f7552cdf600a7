/** Tests the folder of a suite: which runs are done, which are not, and what is refused. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { releaseSession } from "../../../src/saved/session-claim.ts";
import { loadFolder } from "../../../src/saved/store.ts";
import {
  beginSuiteFolder,
  discardSuiteFolder,
  inSuiteFolder,
  isDone,
  isSuiteFolder,
  readSuiteManifest,
  readSuiteResults,
  type SuiteManifest,
  saveSuiteRun,
} from "../../../src/saved/suite-folder.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

const test = suite<{ dir: string }>("suite folder", { dir: "" });

test.before.each(async (context) => {
  context.dir = path.join(await mkdtemp(path.join(os.tmpdir(), "bench-suite-folder-")), "s");
});

test.after.each(async ({ dir }) => {
  releaseSession(dir);
  await rm(path.dirname(dir), { recursive: true, force: true });
});

function manifestOf(...files: string[]): SuiteManifest {
  return {
    kind: "suite",
    schemaVersion: 1,
    name: "small",
    describe: null,
    source: "small.yaml",
    startedAt: "2026-08-01T10:11:12.345Z",
    tool: "etcd-bench 0.1.0",
    contentHash: "0".repeat(64),
    arguments: ["--local"],
    runs: files.map((file, at) => ({
      file,
      cell: `cell ${at}`,
      arm: null,
      repeat: 1,
      values: { conns: String(at) },
      command: ["put", `--conns=${at}`],
    })),
    comparison: null,
    failover: null,
  };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => assert.unreachable("nothing was thrown"),
    (error: unknown) => error,
  );
  assert.instance(thrown, BenchError);
  assert.is((thrown as BenchError).exitCode, EXIT.usage);
  assert.not((thrown as BenchError).message.includes("\n"));
  return (thrown as BenchError).message;
}

test("a new folder has the manifest that was written, and no results", async ({ dir }) => {
  assert.not(await isSuiteFolder(dir));
  const manifest = manifestOf("1.json", "2.json");
  await beginSuiteFolder(dir, manifest);
  assert.ok(await isSuiteFolder(dir));
  assert.equal(await readSuiteManifest(dir), manifest);
  assert.is((await readSuiteResults(dir, manifest)).size, 0);
});

test("a run is done if its file exists, with one result or the steps of a search", async ({
  dir,
}) => {
  const manifest = manifestOf("1.json", "2.json", "3.json");
  await beginSuiteFolder(dir, manifest);
  const one = [resultFixture({ id: "one" })];
  const steps = [1, 2].map((step) =>
    resultFixture({ id: `step-${step}`, search: { id: "s", step, isVerification: false } }),
  );
  await saveSuiteRun(dir, manifest.runs[0]!, one);
  await saveSuiteRun(dir, manifest.runs[2]!, steps);
  const done = await readSuiteResults(dir, manifest);
  assert.equal(
    [...done],
    [
      ["1.json", one],
      ["3.json", steps],
    ],
  );
  assert.equal((await loadFolder(dir)).results, [...one, ...steps], "the manifest is no result");
});

test("an interrupted run is repeated, and a failed run is not", async ({ dir }) => {
  const manifest = manifestOf("1.json", "2.json", "3.json");
  await beginSuiteFolder(dir, manifest);
  await saveSuiteRun(dir, manifest.runs[0]!, [resultFixture({ status: "interrupted" })]);
  await saveSuiteRun(dir, manifest.runs[1]!, [resultFixture({ status: "failed" })]);
  const there = await readSuiteResults(dir, manifest);
  assert.equal(
    [...there].map(([file, results]) => [file, isDone(results)]),
    [
      ["1.json", false],
      ["2.json", true],
    ],
  );
});

test("an older manifest without arms and comparison is read", async ({ dir }) => {
  const manifest = manifestOf("1.json");
  await beginSuiteFolder(dir, manifest);
  const { comparison: _, ...rest } = manifest;
  const runs = manifest.runs.map(({ arm: __, ...run }) => run);
  await writeFile(path.join(dir, "suite.json"), JSON.stringify({ ...rest, runs }));
  assert.equal(await readSuiteManifest(dir), manifest);
});

test("a folder without results can be discarded, and keeps other files", async ({ dir }) => {
  await beginSuiteFolder(dir, manifestOf("1.json"));
  await writeFile(path.join(dir, "notes.txt"), "mine");
  await discardSuiteFolder(dir);
  assert.equal(await readdir(dir), ["notes.txt"]);
  await rm(path.join(dir, "notes.txt"));
  await beginSuiteFolder(dir, manifestOf("1.json"));
  await discardSuiteFolder(dir);
  assert.equal(await readdir(path.dirname(dir)), []);
});

test("a new suite that fails before a run is saved leaves no folder, and a resumed one keeps it", async ({
  dir,
}) => {
  const manifest = manifestOf("001-a.json", "002-b.json");
  const failing = (isNew: boolean, work = async () => {}) => {
    const doing = async () => {
      await work();
      throw new BenchError("no agents", EXIT.interrupted);
    };
    return inSuiteFolder({ folder: dir, manifest, isNew }, doing).catch((error) => error.message);
  };
  await beginSuiteFolder(dir, manifest);
  assert.is(await failing(false), "no agents");
  assert.ok(await isSuiteFolder(dir));
  const keeping = async () => void (await saveSuiteRun(dir, manifest.runs[1]!, [resultFixture()]));
  assert.is(await failing(true, keeping), "no agents");
  assert.ok(await isSuiteFolder(dir));
  await rm(path.join(dir, "002-b.json"));
  assert.is(await failing(true), "no agents");
  assert.equal(await readdir(path.dirname(dir)), []);
});

test("the rest of a write that a crash cut off is no result", async ({ dir }) => {
  const manifest = manifestOf("1.json");
  await beginSuiteFolder(dir, manifest);
  await writeFile(path.join(dir, ".bench-1-abc.tmp"), "{");
  assert.is((await readSuiteResults(dir, manifest)).size, 0);
});

test("a second suite is refused in the folder of the first", async ({ dir }) => {
  await beginSuiteFolder(dir, manifestOf("1.json"));
  const before = await readFile(path.join(dir, "suite.json"), "utf8");
  assert.match(await refusal(beginSuiteFolder(dir, manifestOf("2.json"))), /--resume=/);
  assert.is(await readFile(path.join(dir, "suite.json"), "utf8"), before);
  releaseSession(dir);
  assert.equal(await readdir(dir), ["suite.json"]);
});

test("the error for a missing, newer or broken manifest names its file", async ({ dir }) => {
  const manifest = manifestOf("1.json");
  assert.match(await refusal(readSuiteManifest(dir)), /suite\.json: no such file/);
  await beginSuiteFolder(dir, manifest);
  const write = (data: unknown) => writeFile(path.join(dir, "suite.json"), JSON.stringify(data));
  await write({ ...manifest, schemaVersion: 2 });
  assert.match(await refusal(readSuiteManifest(dir)), /schemaVersion 2/);
  await write({ ...manifest, runs: [{ ...manifest.runs[0], file: "../1.json" }] });
  assert.match(
    await refusal(readSuiteManifest(dir)),
    /is not a manifest of bench run: runs\[0\]\.file: /,
  );
  await writeFile(path.join(dir, "suite.json"), "{");
  assert.match(await refusal(readSuiteManifest(dir)), /suite\.json/);
});

test("a pipe in place of the manifest is refused, and not waited for", async ({ dir }) => {
  execFileSync("mkdir", [dir]);
  execFileSync("mkfifo", [path.join(dir, "suite.json")]);
  assert.match(await refusal(readSuiteManifest(dir)), /suite\.json: it is no regular file$/);
});

test.run();
