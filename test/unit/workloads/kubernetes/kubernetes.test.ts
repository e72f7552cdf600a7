/** What an API server's operations send, by the .proto files, and what its watches make of events. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { ApiServer } from "../../../../src/workloads/kubernetes/api-server.ts";
import { Kubernetes } from "../../../../src/workloads/kubernetes/load.ts";
import { RegistryFill } from "../../../../src/workloads/kubernetes/registry-fill.ts";
import {
  KUBERNETES_RESOURCES,
  type KubernetesWorkload,
  kubernetesSeries,
} from "../../../../src/workloads/kubernetes/request-mix.ts";
import { watchersOfWorker } from "../../../../src/workloads/kubernetes/spec.ts";
import { WatchCreate } from "../../../../src/workloads/parts/watching/watch-create.ts";
import { StepRig } from "../step-rig.ts";

const CLIENTS = 2;
const TXN = "etcdserverpb.TxnRequest";
const TXN_ANSWER = "etcdserverpb.TxnResponse";

interface Txn {
  compare: { key: Buffer; modRevision: string; version: string; target: string }[];
  success: {
    requestPut?: { key: Buffer; value: Buffer; lease: string };
    requestDeleteRange?: { key: Buffer };
  }[];
  failure: { requestRange?: { key: Buffer } }[];
}

interface Range {
  key: Buffer;
  rangeEnd: Buffer;
  limit: string;
  revision: string;
  serializable: boolean;
  countOnly: boolean;
}

function workloadOf(flags: GivenFlags): KubernetesWorkload {
  const given = { nodes: "2", pods: "4", "pod-size": "1000", clients: "2", ...flags };
  const { workload } = planFromFlags({ command: "kubernetes", flags: given }, {}).plan;
  assert.is(workload.kind, "kubernetes");
  return workload as KubernetesWorkload;
}

/** Stands for etcd: each write gets the next revision. */
class Cluster {
  readonly rig = new StepRig();
  readonly plan: KubernetesWorkload;
  readonly names: string[];
  readonly server: ApiServer;
  readonly stored = new Map<string, { modRevision: number; value: Buffer }>();
  revision = 1;

  constructor(flags: GivenFlags) {
    this.plan = workloadOf(flags);
    this.names = kubernetesSeries(this.plan);
    const spec = { plan: this.plan, workers: 1, token: 77 };
    const place = { seed: 1, workerIndex: 0, clients: CLIENTS, firstSlot: CLIENTS };
    const { rig } = this;
    this.server = new ApiServer(spec, place, rig, rig.transport);
    const fill = new RegistryFill(this.server, rig, rig.transport);
    rig.workload = fill;
    for (let object = 0; object < fill.setUpShare; object++) {
      fill.begin(0, rig.nowNs);
      this.apply(0);
    }
    const watches = new WatchCreate(this.server.watches, rig, CLIENTS);
    rig.workload = watches;
    for (let watcher = 0; watcher < watches.setUpShare; watcher++) {
      watches.begin(0, rig.nowNs);
      rig.answer(CLIENTS + watcher, "etcdserverpb.WatchResponse", { created: true });
    }
    assert.is(rig.ended.filter(({ status }) => status !== 0).length, 0);
    rig.ended.length = 0;
    rig.workload = new Kubernetes(spec, this.server, [0, 1], rig, rig.transport);
    rig.workload.restart(true);
  }

  begin(client = 0): void {
    this.rig.workload.begin(client, this.rig.nowNs);
  }

  txn(client = 0): Txn {
    return this.rig.request<Txn>(client, TXN);
  }

  range(client = 0): Range {
    return this.rig.request<Range>(client, "etcdserverpb.RangeRequest");
  }

  /** Carries out the client's transaction as etcd would; tells the watchers if `isSeen`. */
  apply(client = 0, isSeen = true): boolean {
    const { compare, success, failure } = this.txn(client);
    const key = compare[0]!.key.toString();
    const before = this.stored.get(key);
    const header = { revision: this.revision };
    if (Number(compare[0]!.modRevision) !== (before?.modRevision ?? 0)) {
      const kvs = before === undefined ? [] : [{ key: Buffer.from(key), ...before }];
      const responses = failure.length === 0 ? [] : [{ responseRange: { kvs } }];
      this.rig.answer(client, TXN_ANSWER, { header, responses });
      return false;
    }
    this.revision += 1;
    const { requestPut } = success[0]!;
    const kv = { key: Buffer.from(key), modRevision: this.revision };
    const prevKv = before === undefined ? {} : { prevKv: { ...kv, ...before } };
    let event: object;
    if (requestPut) {
      this.stored.set(key, { modRevision: this.revision, value: requestPut.value });
      event = { kv: { ...kv, value: requestPut.value }, ...prevKv };
    } else {
      this.stored.delete(key);
      event = { type: "DELETE", kv, ...prevKv };
    }
    this.rig.answer(client, TXN_ANSWER, { header: { revision: this.revision }, succeeded: true });
    if (isSeen) this.tell(key, event);
    return true;
  }

  /** To each watcher of the key's resource. */
  tell(key: string, event: object): void {
    const resource = this.server.resources.findIndex(({ keys }) => key.startsWith(keys.folder));
    for (let watcher = 0; watcher < watchersOfWorker(this.plan); watcher++) {
      const slot = CLIENTS + watcher;
      if (watcher % KUBERNETES_RESOURCES.length !== resource || !this.rig.pending.has(slot)) {
        continue;
      }
      this.rig.answer(slot, "etcdserverpb.WatchResponse", { events: [event] });
    }
  }

  get unsettled(): number {
    return this.rig.workload.unsettled ?? 0;
  }

  samplesOf(name: string): number {
    const series = this.names.indexOf(name);
    return this.rig.samples.filter((sample) => sample.series === series).length;
  }
}

const test = suite("kubernetes");

test("the registry is filled with creations, of keys as the API server has them", () => {
  const { stored } = new Cluster({});
  const keys = [...stored.keys()];
  for (const key of [
    "/bench/registry/namespaces/ns-00000",
    "/bench/registry/minions/node-000001",
    "/bench/registry/leases/kube-node-lease/node-000001",
    "/bench/registry/services/specs/ns-00000/service-0000000",
    "/bench/registry/services/endpoints/ns-00000/service-0000000",
    "/bench/registry/pods/ns-00000/pod-000000003",
  ]) {
    assert.ok(keys.includes(key), `${key} of ${keys}`);
  }
  assert.is(keys.length, 1 + 2 + 2 + 1 + 1 + 4);
  const sizes = [...stored].filter(([key]) => key.includes("/pods/")).map(([, { value }]) => value);
  for (const { length } of sizes) assert.ok(length >= 667 && length <= 1333, `${length}`);
});

test("watches start behind what was seen, with previous values and progress notifications", () => {
  const { rig, plan, revision } = new Cluster({ scenario: "job-storm" });
  assert.is(watchersOfWorker(plan), 4 * KUBERNETES_RESOURCES.length);
  const { createRequest } = rig.request<{ createRequest: Record<string, unknown> }>(
    CLIENTS + KUBERNETES_RESOURCES.indexOf("pods"),
    "etcdserverpb.WatchRequest",
  );
  const { key, rangeEnd, startRevision, prevKv, progressNotify } = createRequest;
  assert.equal(
    [String(key), String(rangeEnd), startRevision, prevKv, progressNotify],
    ["/bench/registry/pods/", "/bench/registry/pods0", String(revision + 1), true, true],
  );
});

test("an update compares the revision, puts, and reads where it fails; its event settles it", () => {
  const cluster = new Cluster({ mix: "pod-update=1", "conflict-rate": "0" });
  cluster.begin();
  const { compare, success, failure } = cluster.txn();
  const key = compare[0]!.key.toString();
  assert.is(Number(compare[0]!.modRevision), cluster.stored.get(key)!.modRevision);
  assert.is(success[0]!.requestPut!.key.toString(), key);
  assert.is(success[0]!.requestPut!.value.length, cluster.stored.get(key)!.value.length);
  assert.is(failure[0]!.requestRange!.key.toString(), key);
  assert.is(cluster.unsettled, 1);
  cluster.apply();
  assert.is(cluster.unsettled, 0);
  assert.is(cluster.samplesOf("watch-delivery"), 1);
  assert.equal(cluster.rig.ended, [{ client: 0, status: 0, message: "" }]);
  assert.equal(cluster.rig.counts, { attempts: 1 });
});

test("a write that is out of date conflicts, and is tried again from the answer without a get", () => {
  const cluster = new Cluster({ mix: "pod-update=1", "conflict-rate": "50%" });
  for (let write = 0; write < 20; write++) {
    cluster.begin();
    const first = cluster.txn();
    if (!cluster.apply()) {
      const again = cluster.txn();
      assert.equal(again.compare[0]!.key, first.compare[0]!.key);
      assert.ok(cluster.apply(), "the second attempt is up to date");
    }
    assert.is(cluster.rig.ended.length, write + 1);
  }
  assert.equal(cluster.rig.counts, { attempts: 30, conflicts: 10 });
  assert.is(cluster.unsettled, 0);
  assert.is(cluster.samplesOf("watch-delivery"), 20);
});

test("pods come and go under new names, and a deletion is known by the value before", () => {
  const cluster = new Cluster({ mix: "pod-create=1,pod-delete=1", "conflict-rate": "0" });
  const created = new Set<string>();
  for (let write = 0; write < 40; write++) {
    cluster.begin();
    const { compare, success } = cluster.txn();
    const key = compare[0]!.key.toString();
    if (success[0]!.requestPut) {
      assert.not(created.has(key), key);
      created.add(key);
    }
    assert.ok(cluster.apply());
  }
  assert.is(created.size, 20);
  assert.is(cluster.samplesOf("watch-delivery"), 40);
  assert.equal(cluster.rig.counts, { attempts: 20 });
});

test("an event that comes twice, that is nobody's, or that never comes is counted", () => {
  const cluster = new Cluster({ mix: "pod-update=1", "conflict-rate": "0" });
  cluster.begin();
  const key = cluster.txn().compare[0]!.key.toString();
  cluster.apply();
  const { modRevision, value } = cluster.stored.get(key)!;
  cluster.tell(key, { kv: { key: Buffer.from(key), modRevision, value } });
  cluster.tell(key, { kv: { key: Buffer.from(key), modRevision: 999, value: Buffer.alloc(50) } });
  cluster.begin();
  cluster.apply(0, false);
  cluster.rig.workload.giveUp!(cluster.rig.nowNs, false);
  const { doubled, foreign, missing } = cluster.rig.counts;
  assert.equal([doubled, foreign, missing], [1, 1, 1]);
});

test("a watch that the server ends is lost, and no event is waited for any more", () => {
  const cluster = new Cluster({ mix: "pod-update=1" });
  cluster.rig.finish(CLIENTS + KUBERNETES_RESOURCES.indexOf("pods"), 14, "gone");
  assert.is(cluster.rig.counts.lostWatchers, 1);
  cluster.begin();
  assert.is(cluster.unsettled, 0);
});

test("a write that is cut leaves the object to others, and its late event is no fault", () => {
  const cluster = new Cluster({ mix: "pod-update=1", "conflict-rate": "0" });
  cluster.begin();
  const { key, value } = cluster.txn().success[0]!.requestPut!;
  cluster.rig.workload.cancel(0, 5, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(cluster.rig.cancelled, [0]);
  assert.is(cluster.unsettled, 0);
  cluster.tell(String(key), { kv: { key, modRevision: 500, value } });
  assert.not("foreign" in cluster.rig.counts, JSON.stringify(cluster.rig.counts));
});

test("a list asks for pages of 500, pinned to the first one's revision, each behind the last key", () => {
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

test("a list fails on a page that is no answer, and on one that a strange key is to go on from", () => {
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

test("the other reads: at a revision, from one member, counts, and health", () => {
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

test("events share a lease that one client grants; those that come meanwhile wait for it", () => {
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

test("a grant that fails is passed on to the next who waits", () => {
  const cluster = new Cluster({ scenario: "events" });
  cluster.begin(0);
  cluster.begin(1);
  cluster.rig.finish(0, 14, "gone");
  assert.equal(cluster.rig.ended, [{ client: 0, status: 14, message: "gone" }]);
  assert.is(cluster.rig.pending.get(1)!.path, "/etcdserverpb.Lease/LeaseGrant");
  cluster.rig.workload.cancel(1, 0, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(cluster.rig.cancelled, [1]);
});

test("a storm's job is created, updated twice and deleted, and its whole time is a sample", () => {
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
  // The four watchers' events of one moment are recorded together.
  assert.is(cluster.samplesOf("watch-delivery"), 8);
  assert.is(cluster.unsettled, 0);
});

test("at each interval one turn is taken, and what is won compacts to the revision of the last", () => {
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

test("listers list all pods in large pages and nothing else", () => {
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

test.run();
