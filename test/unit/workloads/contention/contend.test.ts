/** Locks and elections, call by call: their parts, their order and their observers. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs as clockNs } from "../../../../src/clock.ts";
import { CallMode } from "../../../../src/wire/transport.ts";
import type { ElectionWorkload } from "../../../../src/workloads/election/schema.ts";
import type { LockWorkload } from "../../../../src/workloads/lock/schema.ts";
import { contendSeries } from "../../../../src/workloads/parts/contention/contend-requests.ts";
import { until } from "../../../harness/conditions.ts";
import type { StepRig } from "../step-rig.ts";
import {
  begin,
  contended,
  ELECTION,
  elected,
  KEEP_ALIVES,
  LEASES,
  LOCK,
  locked,
  pathOf,
  RECIPE,
  TXN_ANSWER,
  UNAVAILABLE,
} from "./contended.ts";

const ORDER = 3;

const OBSERVER = 4;

const UNIMPLEMENTED = 12;

/** The samples of a series, in milliseconds. */
function samplesOf(rig: StepRig, plan: LockWorkload | ElectionWorkload, name: string): number[] {
  const series = contendSeries(plan).indexOf(name);
  return rig.samples
    .filter((sample) => sample.series === series)
    .map(({ durationNs }) => Math.round(durationNs / 1e6));
}

function unlocked(rig: StepRig, client: number, ms: number): void {
  assert.is(pathOf(rig, client), "Unlock");
  const { key } = rig.request<{ key: Buffer }>(client, "v3lockpb.UnlockRequest");
  assert.is(key.toString(), `p/0/${LEASES[client]}`);
  rig.nowNs += ms * 1e6;
  rig.answer(client, "v3lockpb.UnlockResponse", {});
}

test("a lock is requested by name and lease, released by its key, and timed as a whole and in parts", () => {
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
  // The first client found the lock free. The second was waiting when the first released it.
  assert.equal(samplesOf(rig, LOCK, "lock-hand-over"), [5]);
  assert.equal(board.acquisitions, [1, 1]);
  assert.is(rig.counts.twoOwners, undefined);
  assert.equal(rig.failures, []);
});

test("a lock that was free when it was requested has no hand-over time", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0);
  locked(rig, 0, 10, 1);
  unlocked(rig, 0, 1);
  begin(rig, 1);
  locked(rig, 1, 12, 1);
  assert.equal(samplesOf(rig, LOCK, "lock-hand-over"), []);
});

test("with the lock service, a range asks etcd for the oldest key, with one request at a time", () => {
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

test("an order check that etcd does not answer is not counted", () => {
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

/** Answers the mutex recipe's transaction, with the client's and the oldest create revision. */
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

test("with the mutex recipe, owners are in order if the revisions of their keys increase", () => {
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

test("a lock with a hold time is released by the hold timer", async () => {
  const { rig } = contended({ ...LOCK, holdMs: 1 });
  begin(rig, 0);
  rig.nowNs = clockNs();
  locked(rig, 0, 10, 0);
  assert.is(rig.pending.has(0), false);
  await until("the lock is released", () => rig.pending.has(0), 1);
  unlocked(rig, 0, 1);
  assert.equal(rig.ended, [{ client: 0, status: 0, message: "" }]);
});

test("a leader proclaims as often as planned and resigns, with the key and revision of its election", () => {
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

test("two owners of one name at one time are counted", () => {
  const { rig } = contended({ ...ELECTION, proclaims: 1 });
  begin(rig, 0, 1);
  elected(rig, 0, 300);
  elected(rig, 1, 301);
  assert.equal(rig.counts, { twoOwners: 1, orderChecked: 2 });
});

test("observation is timed from a resignation with a waiting client, once for each leader", () => {
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
  // No client waited for the first leader, which was the first message of the stream.
  assert.equal(samplesOf(rig, ELECTION, "election-observe"), [7]);
});

function leaderMessage(value: Buffer): [Uint8Array, number, number] {
  const kv = Buffer.concat([Buffer.from([0x2a, value.length]), value]);
  const message = Buffer.concat([Buffer.from([0x12, kv.length]), kv]);
  return [message, 0, message.length];
}

test("an observer's stream that ends is reopened after a delay", () => {
  const { rig } = contended(ELECTION);
  rig.workload.onPhaseStart!(rig.nowNs);
  rig.finish(OBSERVER, UNAVAILABLE, "gone");
  // It ended after it had served: no time failed.
  assert.equal(rig.failedNs, [null]);
  rig.workload.tick!(rig.nowNs + 1e6);
  assert.is(rig.pending.has(OBSERVER), false);
  rig.workload.tick!(rig.nowNs + 2e9);
  assert.is(rig.pending.has(OBSERVER), true);
});

test("the end of an observer's stream is a failure of its series, but not of an operation", () => {
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

test("an observer's stream that etcd ends without an error after it has served is opened again", () => {
  const { rig } = contended(ELECTION);
  rig.workload.onPhaseStart!(rig.nowNs);
  begin(rig, 0);
  const { value } = rig.request<{ value: Buffer }>(0, "v3electionpb.CampaignRequest");
  rig.workload.onMessage!(OBSERVER, ...leaderMessage(value), rig.nowNs);
  rig.finish(OBSERVER, 0, "");
  assert.equal([rig.failures, rig.counts.reopened], [[], 1]);
  rig.workload.tick!(rig.nowNs + 2e9);
  assert.is(rig.pending.has(OBSERVER), true);
});

test("a keep-alive stream that ends is counted, and the next renewal opens another", () => {
  const { rig } = contended(LOCK);
  rig.workload.tick!(rig.nowNs + 21e9);
  rig.finish(KEEP_ALIVES, UNAVAILABLE, "gone");
  assert.equal([rig.counts, rig.failures, rig.ended], [{ lostKeepAliveStreams: 1 }, [], []]);
  rig.workload.tick!(rig.nowNs + 42e9);
  assert.is(pathOf(rig, KEEP_ALIVES), "LeaseKeepAlive");
});

test("an acquisition that has waited in the client is timed from when it left, and is no hand-over", () => {
  const { rig } = contended(LOCK);
  begin(rig, 0, 1);
  locked(rig, 0, 10, 4);
  unlocked(rig, 0, 2);
  rig.nowNs += 3e6;
  rig.workload.onCallSent!(1, rig.nowNs);
  locked(rig, 1, 12, 1);
  assert.equal(samplesOf(rig, LOCK, "lock-acquire"), [4, 1]);
  // The lock was given back before the client could ask for it.
  assert.equal(samplesOf(rig, LOCK, "lock-hand-over"), []);
});

test.run();
