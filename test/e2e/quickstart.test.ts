/**
 * Runs `bench quickstart` with the command line of its help: seven runs, two tables, the saved
 * results, and nothing else left.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { quickstartCommand } from "../../src/cli/quickstart/quickstart.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { findPublished } from "../../src/saved/published.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench, checkedResult } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

/** Seven runs, limited to 15 or 25 seconds each, and the start of three members. */
const LIMIT_MS = patient(170_000);

test("quickstart measures the seven published rows on three members and removes everything", async () => {
  const etcd = await etcdForTests();
  const folder = await mkdtemp(path.join(os.tmpdir(), "bench-quickstart-"));
  const kept = await mkdtemp(path.join(os.tmpdir(), "bench-quickstart-results-"));
  try {
    const [line, ...others] = quickstartCommand.examples.map(([args]) => args);
    assert.equal(others, [], "each of them is to be run here");
    const end = await bench(line!.split(" "), {
      cwd: kept,
      env: { TMPDIR: folder, ETCD_BIN: etcd.path },
      limitMs: LIMIT_MS,
    });
    assert.is(end.code, 0, end.stderr);
    assert.match(end.stdout, /^Puts\n[\s\S]*^Ranges\n/m);
    const results = await savedResults(path.join(kept, "results"));
    const positions = results.map((result) => {
      assert.is(result.status, "complete");
      assert.is(result.target.members.length, 3);
      assert.is(result.server.length, 3);
      for (const { rssMeanBytes } of result.server) assert.ok(rssMeanBytes! > 1e6);
      return findPublished(result, result.operations[0]!)?.position;
    });
    assert.equal(positions.sort(), [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(await readdir(folder), [], "no temporary folder is left");
    assert.not(await hasProcessNaming(folder), "no etcd is left");
  } finally {
    for (const each of [folder, kept]) await rm(each, { recursive: true, force: true });
  }
});

async function savedResults(folder: string): Promise<RunResult[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const texts = files.map((name) => readFile(path.join(folder, name), "utf8"));
  return (await Promise.all(texts)).map((text) => checkedResult(JSON.parse(text)));
}

/** Whether a process has the folder on its command line; false without /proc. */
async function hasProcessNaming(folder: string): Promise<boolean> {
  if (!existsSync("/proc/self/cmdline")) return false;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch((error) => {
      // The process ended during the search.
      if (error.code === "ENOENT" || error.code === "ESRCH") return "";
      throw error;
    });
    if (commandLine.includes(folder)) return true;
  }
  return false;
}

test.run();
