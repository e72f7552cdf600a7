/** Locks and elections, step by step: their parts, their order, their observers. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs as clockNs } from "../../../../src/clock.ts";
import { CallMode } from "../../../../src/wire/transport.ts";
import type { ElectionWorkload } from "../../../../src/workloads/election/schema.ts";
import type { LockWorkload } from "../../../../src/workloads/lock/schema.ts";
import { contendSeries } from "../../../../src/workloads/parts/contention/contend-requests.ts";
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

test.run();
