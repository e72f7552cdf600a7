/** Transactions of stm under a lock of the client's own or of etcd's lock service. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import type { StepRig } from "../step-rig.ts";
import { CLIENT, commit, read, rigOf, txn } from "./stm-rig.ts";

/** The key of client 2 in the mutex recipe, which ends with its lease's id in hexadecimal. */
const OWN_LOCK_KEY = "lock/000000000000012c";

const OTHER_LOCK_KEY = "lock/0000000000000064";

/** Answers the entry into the lock's queue: created at `own`, with the oldest entry at `oldest`. */
function enter(rig: StepRig, own: number, oldest: number, isNew = true): void {
  const { compare, success } = txn(rig);
  assert.is(compare[0]!.key.toString(), OWN_LOCK_KEY);
  assert.is(success[0]!.requestPut!.lease, "300");
  const range = (createRevision: number) => ({ responseRange: { kvs: [{ createRevision }] } });
  const first = isNew ? { responsePut: {} } : range(own);
  commit(rig, isNew, [first, range(oldest)], isNew ? own : own + 5);
}

function look(rig: StepRig, own: number, predecessor: string | null): void {
  const request = rig.request<{ maxCreateRevision: string; sortOrder: string; limit: string }>(
    CLIENT,
    "etcdserverpb.RangeRequest",
  );
  assert.is(request.maxCreateRevision, String(own - 1));
  assert.equal([request.sortOrder, request.limit], ["DESCEND", "1"]);
  const kvs = predecessor === null ? [] : [{ key: Buffer.from(predecessor), createRevision: 3 }];
  rig.answer(CLIENT, "etcdserverpb.RangeResponse", { header: { revision: 52 }, kvs });
}

/** Answers the transaction under the lock. */
function transact(rig: StepRig): void {
  read(rig, 50, 41);
  read(rig, 50, 41);
  commit(rig, true);
  assert.equal(rig.ended, []);
}

function unlock(rig: StepRig): void {
  const { key } = rig.request<{ key: Buffer }>(CLIENT, "etcdserverpb.DeleteRangeRequest");
  assert.is(key.toString(), OWN_LOCK_KEY);
  rig.answer(CLIENT, "etcdserverpb.DeleteRangeResponse", { header: { revision: 60 } });
}

function sampledNames(rig: StepRig, names: string[]): string[] {
  return rig.samples.map(({ series }) => names[series]!);
}

test("lock-client: the oldest key holds the lock; the order is lock, transaction, unlock", () => {
  const { rig, names } = rigOf({ locker: "lock-client" });
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 50);
  transact(rig);
  unlock(rig);
  assert.equal(sampledNames(rig, names), ["stm-lock", "stm-txn", "stm-unlock"]);
  assert.equal(rig.ended, [{ client: CLIENT, status: 0, message: "" }]);
});

test("lock-client: a client without the oldest key waits until the previous key is deleted, and reads again", () => {
  const { rig, names } = rigOf({ locker: "lock-client" });
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 40);
  look(rig, 50, OTHER_LOCK_KEY);
  const { createRequest } = rig.request<{ createRequest: { key: Buffer; startRevision: string } }>(
    CLIENT,
    "etcdserverpb.WatchRequest",
  );
  assert.equal([createRequest.key.toString(), createRequest.startRevision], [OTHER_LOCK_KEY, "52"]);
  const header = { revision: 53 };
  rig.answer(CLIENT, "etcdserverpb.WatchResponse", { header, created: true });
  rig.answer(CLIENT, "etcdserverpb.WatchResponse", { header, events: [{ type: "PUT" }] });
  assert.equal(rig.cancelled, []);
  rig.answer(CLIENT, "etcdserverpb.WatchResponse", { header, events: [{ type: "DELETE" }] });
  assert.equal(rig.cancelled, [CLIENT]);
  look(rig, 50, null);
  transact(rig);
  unlock(rig);
  assert.equal(sampledNames(rig, names), ["stm-lock", "stm-txn", "stm-unlock"]);
});

test("lock-client: a client that timed out with the lock finds its key and goes on", () => {
  const { rig } = rigOf({ locker: "lock-client" });
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 50);
  rig.workload.cancel(CLIENT, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 50, false);
  transact(rig);
  unlock(rig);
  assert.is(rig.ended.length, 1);
});

test("lock-client: a watch that the server cancels or ends fails the lock, once", () => {
  for (const isCancelled of [true, false]) {
    const { rig, names } = rigOf({ locker: "lock-client" });
    rig.workload.begin(CLIENT, rig.nowNs);
    enter(rig, 50, 40);
    look(rig, 50, OTHER_LOCK_KEY);
    if (isCancelled) rig.answer(CLIENT, "etcdserverpb.WatchResponse", { canceled: true });
    else rig.finish(CLIENT, 0, "");
    assert.is(rig.pending.size, 0);
    assert.is(rig.ended.length, 1);
    assert.is.not(rig.ended[0]!.status, 0);
    assert.equal(
      rig.failures.map(({ series }) => names[series]),
      ["stm-lock"],
    );
  }
});

test("lock-rpc: the key in the lock's response is unlocked, in each operation", () => {
  const { rig, names } = rigOf({ locker: "lock-rpc" });
  for (let round = 1; round <= 2; round++) {
    rig.workload.begin(CLIENT, rig.nowNs);
    const { name, lease } = rig.request<{ name: Buffer; lease: string }>(
      CLIENT,
      "v3lockpb.LockRequest",
    );
    assert.equal([name.toString(), lease], ["lock", "300"]);
    const key = Buffer.from("lock/12c");
    rig.answer(CLIENT, "v3lockpb.LockResponse", { header: { revision: 50 }, key });
    read(rig, 50, 41);
    read(rig, 50, 41);
    commit(rig, true);
    const unlocked = rig.request<{ key: Buffer }>(CLIENT, "v3lockpb.UnlockRequest");
    assert.is(unlocked.key.toString(), "lock/12c");
    assert.is(rig.ended.length, round - 1);
    rig.answer(CLIENT, "v3lockpb.UnlockResponse", { header: { revision: 61 } });
    assert.is(rig.ended.length, round);
  }
  const parts = ["stm-lock", "stm-txn", "stm-unlock"];
  assert.equal(sampledNames(rig, names), [...parts, ...parts]);
});

test("a lock whose first call has waited in the client is timed from when it left", () => {
  const { rig, names } = rigOf({ locker: "lock-rpc" });
  rig.workload.begin(CLIENT, rig.nowNs);
  rig.nowNs = 5e6;
  rig.workload.onCallSent!(CLIENT, 4e6);
  const key = Buffer.from("lock/12c");
  rig.answer(CLIENT, "v3lockpb.LockResponse", { header: { revision: 50 }, key });
  assert.equal(sampledNames(rig, names), ["stm-lock"]);
  assert.equal(rig.samples[0]!.durationNs, 1e6);
  assert.equal(rig.sampleLateNs, [4e6]);
});

test.run();
