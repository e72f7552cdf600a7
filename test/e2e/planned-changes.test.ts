/** Members that leave, join and are replaced by `--event`, disks that are slow or full, and a bench that is killed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { requireStrace } from "../../src/events/strace.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { BenchProcess, bench, measure } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

const LOAD = ["put", "--local=3", "--rate=100", "--clients=30", "--conns=3"];

function assertMade({ moments, faults }: RunResult, kinds: readonly string[]): void {
  const made = moments.filter(({ text }) => text !== null);
  assert.equal(
    made.map(({ kind, error }) => `${kind} ${error}`).toSorted(),
    kinds.map((kind) => `${kind} null`).toSorted(),
  );
  assert.equal(faults, []);
}

test("members leave, join, are replaced, stopped and restarted while load runs", async () => {
  const { code, result, stderr } = await measure([
    ...[...LOAD, `--duration=${patient(22_000)}ms`, "--check-hashkv"],
    // So far apart that none meets a member that another has in hand.
    ...[`--event=at=500ms for=2s remove follower`, `--event=at=${patient(6)}s replace follower`],
    ...[`--event=at=${patient(11)}s for=1s add etcd9`],
    ...[`--event=at=${patient(16)}s for=500ms stop etcd1`],
    `--event=at=${patient(19)}s restart etcd2`,
  ]);
  assert.is(code, 0, stderr);
  assertMade(result, ["remove", "replace", "add", "stop", "restart"]);
  assert.is(result.moments.find(({ kind }) => kind === "add")!.member, "etcd9");
  const members = result.target.changes.filter(({ kind }) => kind === "member");
  assert.ok(members.length >= 2, JSON.stringify(members));
});

test("a slow disk is slow by its own metrics, and a member whose disk is full comes back", async () => {
  requireStrace();
  const { code, result, stderr } = await measure([
    ...[...LOAD, `--duration=${patient(10_000)}ms`, "--check-hashkv"],
    ...["--event=at=500ms for=3s slow-disk etcd1 80ms", "--event=at=6s for=1s fill-disk etcd2"],
  ]);
  assert.is(code, 0, stderr);
  assertMade(result, ["slow-disk", "fill-disk"]);
  const [slow, , usual] = result.server;
  assert.ok(slow!.walFsyncP99Ms! >= 80, `${slow!.walFsyncP99Ms}, and ${usual!.walFsyncP99Ms}`);
  assert.ok(result.notes.some((note) => /process of member etcd2 restarted/.test(note)));
});

test("what a killed bench left in a cluster that stays, the next command puts right", async () => {
  requireStrace();
  const folder = mkdtempSync(join(tmpdir(), "bench-planned-changes-"));
  const env = { XDG_STATE_HOME: folder };
  const started = await bench(["cluster", "start", "--name=left"], { env });
  assert.is(started.code, 0, started.stderr);
  try {
    const run = new BenchProcess(
      [
        ...["put", "--cluster=left", "--rate=50", "--duration=10m", "--conns=3"],
        ...["--event=at=100ms pause etcd1", "--event=at=100ms slow-disk etcd2 7ms"],
        "--event=at=1s kill etcd3",
      ],
      { env },
    );
    const pids = [...started.stdout.matchAll(/pid (\d+)$/gm)].map((each) => Number(each[1]));
    const statusOf = (at: number, field: string) => fieldOf(pids[at]!, field);
    await run.until("all three faults", async () => {
      const isPaused = statusOf(0, "State")?.startsWith("T") ?? false;
      return isPaused && statusOf(1, "TracerPid") !== "0" && statusOf(2, "State") === null;
    });
    run.signal("SIGKILL");
    await run.ended;
    await until("strace is gone", async () => statusOf(1, "TracerPid") === "0");
    const listed = await bench(["cluster", "list"], { env });
    assert.match(listed.stderr, /^cluster left: etcd1: resumed$/m);
    assert.match(listed.stderr, /^cluster left: etcd3: started$/m);
    assert.match(listed.stdout, /^left +running +3\/3 /m);
    assert.not.ok(statusOf(0, "State")!.startsWith("T"));
  } finally {
    await bench(["cluster", "down", "--name=left"], { env });
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Of proc(5)'s status; null where the process is gone. */
function fieldOf(pid: number, field: string): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    const value = new RegExp(`^${field}:\\s*(\\S+)`, "m").exec(text)?.[1] ?? null;
    return field === "State" && value === "Z" ? null : value;
  } catch {
    return null;
  }
}

test.run();
