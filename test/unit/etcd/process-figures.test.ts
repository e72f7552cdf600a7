/** Tests the figures of a member's process, on this process and on temporary folders. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NO_PROCESS_FIGURES, ProcessWatch } from "../../../src/etcd/process-figures.ts";
import type { OwnMember } from "../../../src/events/definition.ts";
import { readProcess } from "../../../src/machine/process-figures.ts";

/** Larger than any pid on Linux. */
const NO_PROCESS = 2 ** 30;

function memberFixture(over: Partial<OwnMember> = {}): OwnMember {
  return {
    name: "m1",
    endpoint: "127.0.0.1:2379",
    peerEndpoint: "127.0.0.1:2380",
    pid: process.pid,
    running: true,
    dataDir: "/nonexistent",
    ...over,
  };
}

test("the peak memory of a process is at least its resident memory", () => {
  const { peakRssBytes, diskReadBytes, diskWrittenBytes } = readProcess(process.pid);
  assert.ok(peakRssBytes! >= process.memoryUsage.rss() / 2, `${peakRssBytes}`);
  assert.ok(diskReadBytes! >= 0);
  assert.ok(diskWrittenBytes! >= 0);
});

test("a dead process has no figures", () => {
  assert.equal(readProcess(NO_PROCESS), {
    peakRssBytes: null,
    diskReadBytes: null,
    diskWrittenBytes: null,
  });
});

test("the size of the write-ahead log is that of its files, and null if there is none", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "bench-process-figures-"));
  try {
    const watch = new ProcessWatch(() => [memberFixture({ dataDir })]);
    watch.begin();
    assert.is(watch.figuresOf("m1").walSizeBytes, null);
    mkdirSync(join(dataDir, "member", "wal"), { recursive: true });
    writeFileSync(join(dataDir, "member", "wal", "0.wal"), Buffer.alloc(100_000, 1));
    const figures = watch.figuresOf("m1");
    assert.ok(figures.walSizeBytes! >= 100_000, `${figures.walSizeBytes}`);
    assert.ok(figures.peakRssBytes! > 0);
    assert.ok(figures.diskWrittenBytes! >= 0);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});

test("a member that bench did not start has no figures", () => {
  const watch = new ProcessWatch(() => []);
  watch.begin();
  assert.equal(watch.figuresOf("m1"), NO_PROCESS_FIGURES);
});

test("disk reads and writes are unknown after a restart", () => {
  let members = [memberFixture({ pid: NO_PROCESS })];
  const watch = new ProcessWatch(() => members);
  watch.begin();
  members = [memberFixture()];
  const { peakRssBytes, diskReadBytes, diskWrittenBytes } = watch.figuresOf("m1");
  assert.ok(peakRssBytes! > 0);
  assert.equal([diskReadBytes, diskWrittenBytes], [null, null]);
  members = [memberFixture({ running: false })];
  assert.equal(watch.figuresOf("m1"), NO_PROCESS_FIGURES);
});

test.run();
