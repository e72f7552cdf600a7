/** Locks and elections whose calls, sessions or leases fail. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import type { ElectionWorkload } from "../../../../src/workloads/election/schema.ts";
import type { LockWorkload } from "../../../../src/workloads/lock/schema.ts";
import {
  contendSeries,
  contendSlotConnections,
} from "../../../../src/workloads/parts/contention/contend-requests.ts";
import { boardBuffer } from "../../../../src/workloads/parts/contention/contention-board.ts";
import {
  begin,
  contended,
  ELECTION,
  elected,
  KEEP_ALIVES,
  LOCK,
  locked,
  pathOf,
  RECIPE,
  SHAPE,
  SHARE,
  TXN_ANSWER,
  UNAVAILABLE,
} from "./contended.ts";

const NOT_FOUND = 5;

const INTERNAL = 13;

test("a failure fails its part and the operation, and the session gets a new lease", () => {
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

test("a session that cannot be renewed fails the operation, whose acquisition is then never sent", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  rig.workload.cancel(0, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  rig.answer(0, "etcdserverpb.LeaseRevokeResponse", {});
  begin(rig, 0);
  assert.is(pathOf(rig, 0), "LeaseGrant");
  rig.finish(0, UNAVAILABLE, "no leader");
  assert.equal(rig.ended, [{ client: 0, status: UNAVAILABLE, message: "no leader" }]);
  assert.is(rig.failures.length, 1, "of the acquisition that was cut");
  const dropped = rig.drops.map(({ series, count }) => [series, count]);
  assert.equal(dropped, [[1, 1]], "of the one that was due");
  begin(rig, 0);
  assert.is(pathOf(rig, 0), "LeaseGrant", "the lease before is gone");
});

test("after an owner fails, the next owner is not counted as a second one", () => {
  const { rig } = contended({ ...ELECTION, proclaims: 1 });
  begin(rig, 0, 1);
  elected(rig, 0, 300);
  rig.finish(0, UNAVAILABLE, "gone");
  elected(rig, 1, 301);
  assert.is(rig.counts.twoOwners, undefined);
});

test("a lease that expired in etcd fails its client's operation and is counted", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  // Each lease is renewed three times within its time to live, over one stream.
  rig.workload.tick!(rig.nowNs + 21e9);
  assert.is(pathOf(rig, KEEP_ALIVES), "LeaseKeepAlive");
  const expire = () => {
    // The stream's responses come in the order of its requests, so the first client's is first.
    rig.workload.onMessage!(KEEP_ALIVES, Buffer.from([0x10, 100]), 0, 2, rig.nowNs);
  };
  expire();
  assert.is(rig.counts.expiredSessions, 1);
  assert.equal(rig.cancelled, [0]);
  assert.equal(
    rig.ended.map(({ client, status }) => [client, status]),
    [[0, NOT_FOUND]],
  );
  // The second client was idle, so its next operation begins with a new lease.
  expire();
  assert.is(rig.counts.expiredSessions, 2);
  assert.is(rig.ended.length, 1);
  begin(rig, 1);
  assert.is(pathOf(rig, 1), "LeaseGrant");
});

test("a response without the owner's key fails the operation, and its session ends", () => {
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

test("an operation is cancelled at its deadline, and its current part fails", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  rig.workload.cancel(0, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(rig.cancelled, [0]);
  const message = "no answer within the timeout";
  assert.equal(rig.failures, [{ series: 1, status: Status.DEADLINE_EXCEEDED, message }]);
  assert.is(pathOf(rig, 0), "LeaseRevoke");
});

test("an unprocessed call is sent again with the same request", () => {
  const { rig } = contended(LOCK);
  begin(rig, 1);
  rig.refuse(1);
  assert.equal(rig.resent, [1]);
  assert.is(rig.request<{ lease: string }>(1, "v3lockpb.LockRequest").lease, "200");
});

test("each phase starts without acquisitions", () => {
  const { rig, board } = contended(LOCK);
  begin(rig, 0);
  locked(rig, 0, 10, 1);
  assert.equal(board.acquisitions, [1, 0]);
  rig.workload.restart(true);
  assert.equal(board.acquisitions, [0, 0]);
});

test("each election is observed by one worker, over its connections in turn", () => {
  const names = ["a", "b", "c", "d", "e"];
  const requests = { plan: ELECTION, names, leases: [], board: boardBuffer(SHAPE), workers: 2 };
  const share = { ...SHARE, connectionEndpoints: ["x", "y"] };
  const slots = (workerIndex: number, plan: LockWorkload | ElectionWorkload = ELECTION) =>
    contendSlotConnections({ ...requests, plan }, { ...share, workerIndex });
  // The keep-alives of two connections, then the order check, then the observers.
  assert.equal(slots(0), [0, 1, 0, 0, 1, 0]);
  assert.equal(slots(1), [0, 1, 0, 0, 1]);
  assert.equal(slots(0, LOCK), [0, 1, 0]);
});

test("proclamations have a series only if the plan has some", () => {
  assert.is(contendSeries(ELECTION).includes("election-proclaim"), false);
  assert.is(contendSeries({ ...ELECTION, proclaims: 1 }).at(-1), "election-proclaim");
});

test.run();
