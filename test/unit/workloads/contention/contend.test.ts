/** lock's and election's steps: what is sent in which order, who owns what, and what each counts as. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs as clockNs } from "../../../../src/clock.ts";
import type { WorkerShare } from "../../../../src/plan/shares.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { CallMode } from "../../../../src/wire/transport.ts";
import type { ElectionWorkload } from "../../../../src/workloads/election/schema.ts";
import type { LockWorkload } from "../../../../src/workloads/lock/schema.ts";
import { Contend } from "../../../../src/workloads/parts/contention/contend.ts";
import {
  type ContendRequests,
  contendSeries,
  contendSlotConnections,
} from "../../../../src/workloads/parts/contention/contend-requests.ts";
import {
  boardBuffer,
  ContentionBoard,
} from "../../../../src/workloads/parts/contention/contention-board.ts";
import { StepRig } from "../step-rig.ts";

const LEASES = ["100", "200"];
const SHAPE = { names: 1, clients: 2 };
const SHARE: WorkerShare = {
  workerIndex: 0,
  connectionEndpoints: ["127.0.0.1:1"],
  clientConnections: [0, 0],
  clientNumbers: [0, 1],
  clients: 2,
};
/** Behind those of the two clients. */
const KEEP_ALIVES = 2;
const ORDER = 3;
const OBSERVER = 4;
const UNAVAILABLE = 14;
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const TXN_ANSWER = "etcdserverpb.TxnResponse";

const COMMON = { holdMs: 0, ttlSeconds: 60, prefix: "p/" };
const LOCK: LockWorkload = { kind: "lock", locker: "lock-rpc", locks: 1, ...COMMON };
const RECIPE: LockWorkload = { ...LOCK, locker: "lock-client" };
const ELECTION: ElectionWorkload = { kind: "election", elections: 1, proclaims: 0, ...COMMON };

interface Contended {
  rig: StepRig;
  board: ContentionBoard;
}

function contended(plan: LockWorkload | ElectionWorkload): Contended {
  const buffer = boardBuffer(SHAPE);
  const requests: ContendRequests = {
    plan,
    names: ["p/0"],
    leases: LEASES,
    board: buffer,
    workers: 1,
  };
  const rig = new StepRig();
  rig.nowNs = clockNs();
  rig.workload = new Contend(requests, SHARE, rig, rig.transport, KEEP_ALIVES);
  return { rig, board: new ContentionBoard(buffer, SHAPE, 0) };
}

function begin(rig: StepRig, ...clients: number[]): void {
  for (const client of clients) rig.workload.begin(client, rig.nowNs);
}

function pathOf(rig: StepRig, slot: number): string {
  return rig.pending.get(slot)!.path.replace(/^.*\//, "");
}

/** The samples of a series, in milliseconds. */
function samplesOf(rig: StepRig, plan: LockWorkload | ElectionWorkload, name: string): number[] {
  const series = contendSeries(plan).indexOf(name);
  return rig.samples
    .filter((sample) => sample.series === series)
    .map(({ durationNs }) => Math.round(durationNs / 1e6));
}

/** etcd's lock service grants the client its lock, `ms` later. */
function locked(rig: StepRig, client: number, revision: number, ms: number): void {
  assert.is(pathOf(rig, client), "Lock");
  rig.nowNs += ms * 1e6;
  const key = Buffer.from(`p/0/${LEASES[client]}`);
  rig.answer(client, "v3lockpb.LockResponse", { header: { revision }, key });
}

function unlocked(rig: StepRig, client: number, ms: number): void {
  assert.is(pathOf(rig, client), "Unlock");
  const { key } = rig.request<{ key: Buffer }>(client, "v3lockpb.UnlockRequest");
  assert.is(key.toString(), `p/0/${LEASES[client]}`);
  rig.nowNs += ms * 1e6;
  rig.answer(client, "v3lockpb.UnlockResponse", {});
}

test("a lock is asked for by name and lease, given back by its key, and timed whole and in parts", () => {
  const { rig, board } = contended(LOCK);
  begin(rig, 0, 1);
  const asked = rig.request<{ name: Buffer; lease: string }>(1, "v3lockpb.LockRequest");
  assert.equal([asked.name.toString(), asked.lease], ["p/0", "200"]);
  locked(rig, 0, 10, 4);
  unlocked(rig, 0, 2);
  assert.equal(rig.ended, [{ client: 0, status: 0, message: "" }]);
  locked(rig, 1, 12, 3);
  unlocked(rig, 1, 1);
  assert.equal(samplesOf(rig, LOCK, "lock-acquire"), [4, 9]);
  assert.equal(samplesOf(rig, LOCK, "lock-release"), [2, 1]);
  // The first found it free. The second waited already when the first gave it back.
  assert.equal(samplesOf(rig, LOCK, "lock-hand-over"), [5]);
  assert.equal(board.acquisitions, [1, 1]);
  assert.is(rig.counts.twoOwners, undefined);
  assert.equal(rig.failures, []);
});

test("who asks for a lock that is free takes it over from nobody", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  locked(rig, 0, 10, 1);
  unlocked(rig, 0, 1);
  begin(rig, 1);
  locked(rig, 1, 12, 1);
  assert.equal(samplesOf(rig, LOCK, "lock-hand-over"), []);
});

test("beside the lock service etcd is asked whose key was the oldest, one question at a time", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0, 1);
  locked(rig, 0, 10, 1);
  const question = rig.request<Record<string, unknown>>(ORDER, "etcdserverpb.RangeRequest");
  assert.equal(
    [question.revision, question.limit, question.sortOrder, question.sortTarget],
    ["10", "1", "ASCEND", "CREATE"],
  );
  locked(rig, 1, 12, 1);
  rig.answer(ORDER, "etcdserverpb.RangeResponse", { kvs: [{ key: Buffer.from("p/0/100") }] });
  assert.equal(rig.counts, { orderChecked: 1 });
  assert.is(rig.pending.has(ORDER), false, "the second owner came while the question was open");
  unlocked(rig, 0, 1);
  unlocked(rig, 1, 1);
  begin(rig, 1);
  locked(rig, 1, 14, 1);
  rig.answer(ORDER, "etcdserverpb.RangeResponse", { kvs: [{ key: Buffer.from("p/0/100") }] });
  assert.equal(rig.counts, { orderChecked: 2, outOfOrder: 1 });
});

test("a question of order that etcd does not answer counts as none", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  locked(rig, 0, 10, 1);
  rig.finish(ORDER, UNAVAILABLE, "gone");
  assert.equal(rig.counts, {});
  unlocked(rig, 0, 1);
  begin(rig, 0);
  locked(rig, 0, 12, 1);
  assert.ok(rig.pending.has(ORDER), "the next owner is asked about again");
});

/** The recipe's entry into the queue: its key's creation, and that of the oldest. */
function entered(rig: StepRig, client: number, own: number, oldest: number): void {
  const kv = (createRevision: number) => ({
    responseRange: { kvs: [{ key: Buffer.from("k"), createRevision }] },
  });
  rig.answer(client, TXN_ANSWER, {
    header: { revision: own },
    succeeded: true,
    responses: [{ responsePut: {} }, kv(oldest)],
  });
}

test("by the recipe, owners that come in the order of their keys are in order, others not", () => {
  const { rig } = contended(RECIPE);
  begin(rig, 0);
  entered(rig, 0, 20, 20);
  assert.is(pathOf(rig, 0), "DeleteRange");
  rig.answer(0, "etcdserverpb.DeleteRangeResponse", { deleted: 1 });
  begin(rig, 1);
  entered(rig, 1, 15, 15);
  assert.equal(rig.counts, { orderChecked: 2, outOfOrder: 1 });
  assert.is(rig.pending.has(ORDER), false, "its own answers tell");
});

test("what is kept for a while is given back by the clock alone", async () => {
  const { rig } = contended({ ...LOCK, holdMs: 1 });
  begin(rig, 0);
  rig.nowNs = clockNs();
  locked(rig, 0, 10, 0);
  assert.is(rig.pending.has(0), false);
  while (!rig.pending.has(0)) await new Promise(setImmediate);
  unlocked(rig, 0, 1);
  assert.equal(rig.ended, [{ client: 0, status: 0, message: "" }]);
});

/** The election service makes the client leader. */
function elected(rig: StepRig, client: number, rev: number): void {
  assert.is(pathOf(rig, client), "Campaign");
  const lease = LEASES[client]!;
  const leader = { name: Buffer.from("p/0"), key: Buffer.from(`p/0/${lease}`), rev, lease };
  rig.answer(client, "v3electionpb.CampaignResponse", { leader });
}

test("a leader proclaims as often as asked, and resigns, with the key and revision it was elected by", () => {
  const plan = { ...ELECTION, proclaims: 2 };
  const { rig } = contended(plan);
  begin(rig, 1);
  const campaign = rig.request<Record<string, Buffer>>(1, "v3electionpb.CampaignRequest");
  assert.equal([campaign.name!.toString(), campaign.value!.length], ["p/0", 8]);
  elected(rig, 1, 300);
  for (let proclaimed = 0; proclaimed < 2; proclaimed++) {
    assert.is(pathOf(rig, 1), "Proclaim");
    const { leader, value } = rig.request<{ leader: { rev: string; key: Buffer }; value: Buffer }>(
      1,
      "v3electionpb.ProclaimRequest",
    );
    assert.equal([leader.rev, leader.key.toString(), value], ["300", "p/0/200", campaign.value]);
    rig.nowNs += 1e6;
    rig.answer(1, "v3electionpb.ProclaimResponse", {});
  }
  assert.is(pathOf(rig, 1), "Resign");
  const { leader } = rig.request<{ leader: { rev: string } }>(1, "v3electionpb.ResignRequest");
  assert.is(leader.rev, "300");
  rig.answer(1, "v3electionpb.ResignResponse", {});
  assert.equal(rig.ended, [{ client: 1, status: 0, message: "" }]);
  assert.equal(samplesOf(rig, plan, "election-proclaim"), [1, 1]);
});

test("two owners of one name at once are counted", () => {
  const { rig } = contended({ ...ELECTION, proclaims: 1 });
  begin(rig, 0, 1);
  elected(rig, 0, 300);
  elected(rig, 1, 301);
  assert.equal(rig.counts, { twoOwners: 1, orderChecked: 2 });
});

test("an observer is timed from the resignation that somebody waited for, once for each leader", () => {
  const { rig } = contended(ELECTION);
  rig.workload.onPhaseStart!(rig.nowNs);
  assert.equal(
    [pathOf(rig, OBSERVER), rig.pending.get(OBSERVER)!.mode],
    ["Observe", CallMode.ANSWERS],
  );
  begin(rig, 0, 1);
  const mark = (client: number) =>
    rig.request<{ value: Buffer }>(client, "v3electionpb.CampaignRequest").value;
  const [first, second] = [mark(0), mark(1)];
  const observe = (value: Buffer) => {
    const { workload, nowNs } = rig;
    const { pending } = rig;
    assert.ok(pending.has(OBSERVER));
    workload.onMessage!(OBSERVER, ...leaderMessage(value), nowNs);
  };
  elected(rig, 0, 300);
  observe(first);
  rig.nowNs += 7e6;
  elected(rig, 1, 301);
  observe(second);
  observe(second);
  // The first leader had waited for nobody, and was what the stream began with.
  assert.equal(samplesOf(rig, ELECTION, "election-observe"), [7]);
});

function leaderMessage(value: Buffer): [Uint8Array, number, number] {
  const kv = Buffer.concat([Buffer.from([0x2a, value.length]), value]);
  const message = Buffer.concat([Buffer.from([0x12, kv.length]), kv]);
  return [message, 0, message.length];
}

test("an observer whose stream ends is opened again, but not at once", () => {
  const { rig } = contended(ELECTION);
  rig.workload.onPhaseStart!(rig.nowNs);
  rig.finish(OBSERVER, UNAVAILABLE, "gone");
  rig.workload.tick!(rig.nowNs + 1e6);
  assert.is(rig.pending.has(OBSERVER), false);
  rig.workload.tick!(rig.nowNs + 2e9);
  assert.is(rig.pending.has(OBSERVER), true);
});

test("an observer's stream that ends, refused or not, is a failure of its series, and of no operation", () => {
  const { rig } = contended(ELECTION);
  const series = contendSeries(ELECTION).indexOf("election-observe");
  rig.workload.onPhaseStart!(rig.nowNs);
  rig.finish(OBSERVER, UNIMPLEMENTED, "unknown service");
  rig.nowNs += 2e9;
  rig.workload.tick!(rig.nowNs);
  rig.finish(OBSERVER, 0, "");
  rig.nowNs += 2e9;
  rig.workload.tick!(rig.nowNs);
  rig.refuse(OBSERVER);
  assert.equal(rig.failures, [
    { series, status: UNIMPLEMENTED, message: "unknown service" },
    { series, status: UNAVAILABLE, message: "the server ended the stream" },
    { series, status: UNAVAILABLE, message: "the server refused the call" },
  ]);
  assert.equal(rig.ended, []);
});

test("a stream of keep-alives that ends is counted, and the next renewal opens another", () => {
  const { rig } = contended(LOCK);
  rig.workload.tick!(rig.nowNs + 21e9);
  rig.finish(KEEP_ALIVES, UNAVAILABLE, "gone");
  assert.equal([rig.counts, rig.failures, rig.ended], [{ lostKeepAliveStreams: 1 }, [], []]);
  rig.workload.tick!(rig.nowNs + 42e9);
  assert.is(pathOf(rig, KEEP_ALIVES), "LeaseKeepAlive");
});

test("a failure fails its part and the whole, revokes the session, and the next one has a new lease", () => {
  const { rig, board } = contended(LOCK);
  begin(rig, 0);
  rig.nowNs += 1e6;
  rig.finish(0, UNAVAILABLE, "no leader");
  assert.equal(rig.failures, [{ series: 1, status: UNAVAILABLE, message: "no leader" }]);
  assert.equal(rig.ended, [{ client: 0, status: UNAVAILABLE, message: "no leader" }]);
  assert.is(pathOf(rig, 0), "LeaseRevoke");
  const revoked = rig.request<{ ID: string }>(0, "etcdserverpb.LeaseRevokeRequest");
  assert.is(revoked.ID, "100");
  begin(rig, 0);
  assert.is(pathOf(rig, 0), "LeaseRevoke", "it is waited for");
  rig.answer(0, "etcdserverpb.LeaseRevokeResponse", {});
  assert.is(pathOf(rig, 0), "LeaseGrant");
  rig.answer(0, "etcdserverpb.LeaseGrantResponse", { ID: "300", TTL: 60 });
  const { lease } = rig.request<{ lease: string }>(0, "v3lockpb.LockRequest");
  assert.is(lease, "300");
  assert.is(board.leaseOf(0), "300");
  assert.is(rig.counts.renewedSessions, 1);
});

test("a session that cannot be renewed fails the operation, and none of its parts", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  rig.workload.cancel(0, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  rig.answer(0, "etcdserverpb.LeaseRevokeResponse", {});
  begin(rig, 0);
  assert.is(pathOf(rig, 0), "LeaseGrant");
  rig.finish(0, UNAVAILABLE, "no leader");
  assert.equal(rig.ended, [{ client: 0, status: UNAVAILABLE, message: "no leader" }]);
  assert.is(rig.failures.length, 1, "of the acquisition that was cut");
  begin(rig, 0);
  assert.is(pathOf(rig, 0), "LeaseGrant", "the lease before is gone");
});

test("an owner that fails owns no more, so that the next one is no second owner", () => {
  const { rig } = contended({ ...ELECTION, proclaims: 1 });
  begin(rig, 0, 1);
  elected(rig, 0, 300);
  rig.finish(0, UNAVAILABLE, "gone");
  elected(rig, 1, 301);
  assert.is(rig.counts.twoOwners, undefined);
});

test("a lease that etcd has let go fails its client's operation, and is counted", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  // Renewals are asked for three times within the time to live, over one stream.
  rig.workload.tick!(rig.nowNs + 21e9);
  assert.is(pathOf(rig, KEEP_ALIVES), "LeaseKeepAlive");
  const expire = () => {
    // The stream's answers come in the order of its requests, the first client's first.
    rig.workload.onMessage!(KEEP_ALIVES, Buffer.from([0x10, 100]), 0, 2, rig.nowNs);
  };
  expire();
  assert.is(rig.counts.expiredSessions, 1);
  assert.equal(rig.cancelled, [0]);
  assert.equal(
    rig.ended.map(({ client, status }) => [client, status]),
    [[0, NOT_FOUND]],
  );
  // The second client was idle: its next operation begins with a new lease.
  expire();
  assert.is(rig.counts.expiredSessions, 2);
  assert.is(rig.ended.length, 1);
  begin(rig, 1);
  assert.is(pathOf(rig, 1), "LeaseGrant");
});

test("an answer that names no key makes nobody an owner: it fails, and the session is ended", () => {
  for (const [plan, answer, message] of [
    [LOCK, "v3lockpb.LockResponse", "the answer names no key"],
    [ELECTION, "v3electionpb.CampaignResponse", "the answer names no leader's key"],
    [RECIPE, TXN_ANSWER, "the answer tells of no key of the client's"],
  ] as const) {
    const { rig, board } = contended(plan);
    begin(rig, 0);
    rig.answer(0, answer, { header: { revision: 0 } });
    assert.equal(rig.ended, [{ client: 0, status: INTERNAL, message }]);
    assert.equal(rig.failures, [{ series: 1, status: INTERNAL, message }]);
    assert.equal(board.acquisitions, [0, 0]);
    assert.is(pathOf(rig, 0), "LeaseRevoke");
  }
});

test("past its deadline an operation is cut, and the part that it was in has failed", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  rig.workload.cancel(0, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(rig.cancelled, [0]);
  const message = "no answer within the timeout";
  assert.equal(rig.failures, [{ series: 1, status: Status.DEADLINE_EXCEEDED, message }]);
  assert.is(pathOf(rig, 0), "LeaseRevoke");
});

test("a call that the server has not processed is sent again, with the same request", () => {
  const { rig } = contended(LOCK);
  begin(rig, 1);
  rig.refuse(1);
  assert.equal(rig.resent, [1]);
  assert.is(rig.request<{ lease: string }>(1, "v3lockpb.LockRequest").lease, "200");
});

test("a phase begins with no acquisitions", () => {
  const { rig, board } = contended(LOCK);
  begin(rig, 0);
  locked(rig, 0, 10, 1);
  assert.equal(board.acquisitions, [1, 0]);
  rig.workload.restart(true);
  assert.equal(board.acquisitions, [0, 0]);
});

test("every election is one worker's to observe, over connections in turn", () => {
  const names = ["a", "b", "c", "d", "e"];
  const requests = { plan: ELECTION, names, leases: [], board: boardBuffer(SHAPE), workers: 2 };
  const share = { ...SHARE, connectionEndpoints: ["x", "y"] };
  const slots = (workerIndex: number, plan: LockWorkload | ElectionWorkload = ELECTION) =>
    contendSlotConnections({ ...requests, plan }, { ...share, workerIndex });
  // The keep-alives of two connections, the check of the order, and the observers.
  assert.equal(slots(0), [0, 1, 0, 0, 1, 0]);
  assert.equal(slots(1), [0, 1, 0, 0, 1]);
  assert.equal(slots(0, LOCK), [0, 1, 0]);
});

test("proclamations have a series only where there are some", () => {
  assert.is(contendSeries(ELECTION).includes("election-proclaim"), false);
  assert.is(contendSeries({ ...ELECTION, proclaims: 1 }).at(-1), "election-proclaim");
});

test.run();
