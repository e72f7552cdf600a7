/** Removes, adds and replaces members with `--event`, and makes disks slow or full. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { requireStrace } from "../../src/events/strace.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { measure } from "../harness/bench-process.ts";
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

test("members leave, join, are replaced, stopped and restarted under load", async () => {
  const { code, result, stderr } = await measure([
    ...[...LOAD, `--duration=${patient(22_000)}ms`, "--check-hashkv"],
    // Far apart, so that no two events change the same member at once.
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

test("a slow disk shows in its own metrics, and a member with a full disk comes back", async () => {
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

test.run();
