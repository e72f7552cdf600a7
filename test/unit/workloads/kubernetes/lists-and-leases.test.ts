/** Lists, counts, event leases, jobs and compactions as Kubernetes' API server sends them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { CLIENTS, Cluster, TXN_ANSWER } from "./api-server.ts";

const test = suite("kubernetes");

test("a list reads pages of 500, each after the last key and at the first page's revision", () => {
  const cluster = new Cluster({ mix: "pod-list=1" });
  cluster.begin();
  const first = cluster.range();
  assert.equal(
    [String(first.key), String(first.rangeEnd), first.limit, first.revision, first.serializable],
    ["/bench/registry/pods/ns-00000/", "/bench/registry/pods/ns-000000", "500", "0", false],
  );
  const key = Buffer.from("/bench/registry/pods/ns-00000/pod-000000002");
  const kvs = [{ key: Buffer.from("/bench/registry/pods/ns-00000/pod-000000001") }, { key }];
  const answer = { header: { revision: 40 }, kvs, more: true, count: 4 };
  cluster.rig.answer(0, "etcdserverpb.RangeResponse", answer);
  const next = cluster.range();
  assert.equal(
    [next.key, String(next.rangeEnd), next.limit, next.revision],
    [Buffer.concat([key, Buffer.from([0])]), String(first.rangeEnd), "500", "40"],
  );
  assert.is(cluster.rig.ended.length, 0);
  const last = { header: { revision: 41 }, kvs, count: 2 };
  cluster.rig.answer(0, "etcdserverpb.RangeResponse", last);
  assert.is(cluster.rig.ended.length, 1);
  assert.equal(cluster.rig.counts, { pages: 2, keys: 4 });
});

test("a list fails on an invalid page, and on a page whose last key is not of this run", () => {
  const cluster = new Cluster({ mix: "pod-list=1" });
  const { rig } = cluster;
  cluster.begin();
  rig.workload.onMessage!(0, Buffer.from("12ff", "hex"), 0, 2, 0);
  rig.finish(0, Status.OK, "");
  cluster.begin();
  const kvs = [{ key: Buffer.from("/bench/registry/pods/ns-00000/strange") }];
  rig.answer(0, "etcdserverpb.RangeResponse", { header: { revision: 40 }, kvs, more: true });
  assert.equal(
    rig.ended.map(({ status, message }) => [status, message]),
    [
      [Status.INTERNAL, "the answer is no RangeResponse"],
      [Status.FAILED_PRECONDITION, "a key among the pods that this run has not written"],
    ],
  );
  assert.equal(rig.counts, { pages: 1, keys: 1 });
});

test("the other reads: at a revision, from one member, counts and health checks", () => {
  const asked = (kind: string) => {
    const cluster = new Cluster({ mix: `${kind}=1` });
    cluster.begin();
    return { ...cluster.range(), revisionNow: cluster.revision };
  };
  const pod = /^\/bench\/registry\/pods\/ns-00000\/pod-00000000\d$/;
  const get = asked("pod-get");
  assert.match(String(get.key), pod);
  assert.equal([get.limit, get.revision, get.serializable], ["1", "0", false]);
  const old = asked("pod-get-at-revision");
  assert.match(String(old.key), pod);
  assert.is(old.revision, String(old.revisionNow));
  assert.ok(asked("pod-get-stale").serializable);
  assert.ok(asked("pod-list-stale").serializable);
  assert.ok(asked("count").countOnly);
  assert.is(String(asked("health").key), "/bench/registry/health");
});

test("events share a lease; one client grants it, and other clients wait for it", () => {
  const cluster = new Cluster({ scenario: "events", "event-ttl": "5s", timeout: "20s" });
  const { rig } = cluster;
  cluster.begin(0);
  cluster.begin(1);
  assert.is(rig.pending.has(1), false);
  const { TTL } = rig.request<{ TTL: string }>(0, "etcdserverpb.LeaseGrantRequest");
  assert.is(TTL, "6");
  rig.answer(0, "etcdserverpb.LeaseGrantResponse", { ID: "1234567890123456789", TTL: 6 });
  for (const client of [0, 1]) {
    assert.is(cluster.txn(client).success[0]!.requestPut!.lease, "1234567890123456789");
    cluster.apply(client);
  }
  assert.is(cluster.unsettled, 2, "both are to expire");
  rig.nowNs = 6.25e9;
  for (const [key, before] of [...cluster.stored].filter(([each]) => each.includes("/events/"))) {
    const kv = { key: Buffer.from(key), modRevision: cluster.revision + 1 };
    cluster.tell(key, { type: "DELETE", kv, prevKv: before });
    cluster.tell(key, { type: "DELETE", kv, prevKv: before });
    cluster.rig.workload.begin(0, rig.nowNs);
    rig.workload.cancel(0, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  }
  assert.is(cluster.unsettled, 0);
  assert.is(cluster.samplesOf("event-expiry"), 2);
  assert.is(rig.counts.doubled, 2);
  const expiry = cluster.names.indexOf("event-expiry");
  const late = rig.samples.filter(({ series }) => series === expiry);
  assert.equal(
    late.map(({ durationNs }) => durationNs),
    [0.25e9, 0.25e9],
  );
});

test("after a failed grant the next waiting client sends the grant", () => {
  const cluster = new Cluster({ scenario: "events" });
  cluster.begin(0);
  cluster.begin(1);
  cluster.rig.finish(0, 14, "gone");
  assert.equal(cluster.rig.ended, [{ client: 0, status: 14, message: "gone" }]);
  assert.is(cluster.rig.pending.get(1)!.path, "/etcdserverpb.Lease/LeaseGrant");
  cluster.rig.workload.cancel(1, 0, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(cluster.rig.cancelled, [1]);
});

test("a storm's job is created, updated twice and deleted, and its total time is a sample", () => {
  const cluster = new Cluster({ scenario: "job-storm", "conflict-rate": "0" });
  const actions: string[] = [];
  for (let request = 0; request < 8; request++) {
    cluster.begin(request % CLIENTS);
    const { compare, success } = cluster.txn(request % CLIENTS);
    const isNew = compare[0]!.modRevision === "0";
    actions.push(success[0]!.requestPut ? (isNew ? "create" : "update") : "delete");
    cluster.rig.nowNs += 1e6;
    assert.ok(cluster.apply(request % CLIENTS));
  }
  const job = ["create", "update", "update", "delete"];
  assert.equal(actions, [...job, ...job]);
  assert.is(cluster.samplesOf("job"), 2);
  // The simultaneous events of the four watchers are recorded together.
  assert.is(cluster.samplesOf("watch-delivery"), 8);
  assert.is(cluster.unsettled, 0);
});

test("once per interval a client tries to compact; the winner compacts to the previous revision", () => {
  const cluster = new Cluster({ mix: "health=1", "compact-interval": "1s" });
  const { rig } = cluster;
  const turn = (answer: object) => {
    rig.nowNs += 1e9;
    cluster.begin();
    const { compare } = cluster.txn();
    assert.is(compare[0]!.key.toString(), "/bench/registry/compact_rev_key");
    rig.answer(0, TXN_ANSWER, answer);
    return compare[0]!.version;
  };
  cluster.begin();
  rig.answer(0, "etcdserverpb.RangeResponse", { header: { revision: 5 } });
  assert.is(turn({ header: { revision: 50 }, succeeded: true }), "0");
  assert.is(turn({ header: { revision: 60 }, succeeded: true }), "1");
  const { revision } = rig.request<{ revision: string }>(0, "etcdserverpb.CompactionRequest");
  assert.is(revision, "50");
  rig.answer(0, "etcdserverpb.CompactionResponse", {});
  const lost = { responses: [{ responseRange: { kvs: [{ version: 9 }] } }] };
  assert.is(turn({ header: { revision: 70 }, ...lost }), "2");
  assert.is(turn({ header: { revision: 80 }, ...lost }), "9");
  assert.equal(rig.counts, { turnsWon: 2, compactions: 1, turnsLost: 2 });
  assert.is(rig.ended.length, 5);
});

test("a compaction that etcd has made by itself is a turn that is done, and other refusals fail", () => {
  const cluster = new Cluster({ mix: "health=1", "compact-interval": "1s" });
  const { rig } = cluster;
  const compact = (revision: number, message: string) => {
    rig.nowNs += 1e9;
    cluster.begin();
    rig.answer(0, TXN_ANSWER, { header: { revision }, succeeded: true });
    rig.finish(0, Status.OUT_OF_RANGE, message);
  };
  cluster.begin();
  rig.answer(0, "etcdserverpb.RangeResponse", { header: { revision: 5 } });
  rig.nowNs += 1e9;
  cluster.begin();
  rig.answer(0, TXN_ANSWER, { header: { revision: 50 }, succeeded: true });
  compact(60, "etcdserver: mvcc: required revision has been compacted");
  compact(70, "etcdserver: mvcc: required revision is a future revision");
  assert.equal(rig.counts, { turnsWon: 3, compactedAlready: 1 });
  assert.equal(
    rig.ended.map(({ status }) => status),
    [Status.OK, Status.OK, Status.OK, Status.OUT_OF_RANGE],
  );
});

test("listers only list all pods, in large pages", () => {
  const cluster = new Cluster({ scenario: "relist", relists: "1" });
  for (let round = 0; round < 3; round++) {
    cluster.begin(0);
    const { key, limit } = cluster.range(0);
    assert.equal([String(key), limit], ["/bench/registry/pods/", "10000"]);
    cluster.rig.answer(0, "etcdserverpb.RangeResponse", { header: { revision: 9 } });
  }
  cluster.begin(1);
  assert.is.not(cluster.rig.pending.get(1)!.path, "/etcdserverpb.KV/Range");
});

test("a grant, an event and a job whose first request waited in the client are timed from when it left", () => {
  const cluster = new Cluster({ scenario: "events" });
  const { rig, names } = cluster;
  const millis = (of: Cluster, name: string) =>
    of.rig.samples
      .filter(({ series }) => of.names[series] === name)
      .map(({ durationNs }) => durationNs / 1e6);
  cluster.begin(0);
  rig.workload.onCallSent!(0, 4e6);
  rig.nowNs = 5e6;
  rig.answer(0, "etcdserverpb.LeaseGrantResponse", { ID: "123", TTL: 4_000 });
  assert.equal(millis(cluster, "event-lease-grant"), [1]);
  const grant = rig.samples.findIndex(({ series }) => names[series] === "event-lease-grant");
  assert.is(rig.sampleLateNs[grant], 4e6);
  cluster.begin(1);
  rig.workload.onCallSent!(1, 12e6);
  rig.nowNs = 14e6;
  cluster.apply(1);
  assert.equal(millis(cluster, "watch-delivery"), [2]);

  const storm = new Cluster({ scenario: "job-storm", "conflict-rate": "0" });
  for (let request = 0; request < 4; request++) {
    storm.begin(0);
    storm.rig.nowNs += 5e6;
    if (request < 2) storm.rig.workload.onCallSent!(0, storm.rig.nowNs - 1e6);
    assert.ok(storm.apply(0));
  }
  assert.equal(millis(storm, "job"), [16], "the wait of a later request is within the job");
  assert.is(
    storm.rig.sampleLateNs[
      storm.rig.samples.findIndex(({ series }) => storm.names[series] === "job")
    ],
    4e6,
  );
});

test.run();
