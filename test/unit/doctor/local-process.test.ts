/** What is read from processes on this machine, and what is unknown about other machines. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findProcess, ProcessWatch, settingsOf } from "../../../src/doctor/local-process.ts";
import { parseMetricsPage } from "../../../src/etcd/metrics-page.ts";
import { systemFiles } from "../../../src/machine/system-files.ts";
import { until } from "../../harness/conditions.ts";

const HAS_PROC = process.platform === "linux";

test("flags, variables and folders are read as the process has them", async () => {
  if (!HAS_PROC) return;
  const flags = ["--heartbeat-interval=250", "--data-dir=data", "--wal-dir=/w"];
  const folder = mkdtempSync(path.join(tmpdir(), "bench-flags-"));
  const program = path.join(folder, "etcd.cjs");
  writeFileSync(program, "setInterval(() => {}, 1e6)");
  const child = spawn(process.execPath, [program, ...flags], {
    cwd: folder,
    env: { ...process.env, ETCD_ELECTION_TIMEOUT: "2500" },
    stdio: "ignore",
  });
  try {
    await once(child, "spawn");
    const settings = await until("the command line of the child", () => {
      const found = settingsOf(child.pid!);
      return found?.heartbeatMs === 250 ? found : null;
    });
    assert.is(settings.electionMs, 2500);
    assert.is(settings.dataDir, path.join(folder, "data"));
    assert.is(settings.walDir, "/w");
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a watched process has its usage during the watch, and one that has ended has none", () => {
  const own = new ProcessWatch(process.pid);
  const { cpuSeconds, cpus, pid } = own.result();
  assert.is(pid, process.pid);
  if (HAS_PROC) assert.ok(cpuSeconds! >= 0 && cpus! >= 1);
  const gone = new ProcessWatch(1, { ...systemFiles, read: () => null, list: () => [] }).result();
  assert.equal(gone, {
    ...{ pid: 1, cpuSeconds: null, runQueueSeconds: null, timeSlices: null },
    ...{ throttledSeconds: null, cpus: null },
  });
});

test("a page without a start time, or with one of no process here, is of another machine", () => {
  assert.is(findProcess(parseMetricsPage(""), "127.0.0.1:2379"), null);
  const page = parseMetricsPage("process_start_time_seconds 1\n");
  assert.is(findProcess(page, "127.0.0.1:2379"), null);
  assert.is(findProcess(page, "no port"), null);
});

test.run();
