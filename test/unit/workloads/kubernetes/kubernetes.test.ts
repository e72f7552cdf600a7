/** Writes and watches as Kubernetes' API server sends them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { KUBERNETES_RESOURCES } from "../../../../src/workloads/kubernetes/request-mix.ts";
import { watchersOfWorker } from "../../../../src/workloads/kubernetes/spec.ts";
import { CLIENTS, Cluster } from "./api-server.ts";

const test = suite("kubernetes");

test("the registry is filled with create transactions whose keys are those of the API server", () => {
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

test("watches start after the last seen revision, with previous values and progress notifications", () => {
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

test("an update compares the revision, puts, and reads if the compare fails; its event settles it", () => {
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

test("an outdated write conflicts, and the retry uses the failed transaction's response without a get", () => {
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

test("pods are created under new names and deleted, and a deletion is matched by its previous value", () => {
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

test("repeated, foreign and missing events are counted", () => {
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

test("a watch that the server ends is lost, and its events are no longer expected", () => {
  const cluster = new Cluster({ mix: "pod-update=1" });
  cluster.rig.finish(CLIENTS + KUBERNETES_RESOURCES.indexOf("pods"), 14, "gone");
  assert.is(cluster.rig.counts.lostWatchers, 1);
  cluster.begin();
  assert.is(cluster.unsettled, 0);
});

test("a cancelled write releases its object, and its late event is not a fault", () => {
  const cluster = new Cluster({ mix: "pod-update=1", "conflict-rate": "0" });
  cluster.begin();
  const { key, value } = cluster.txn().success[0]!.requestPut!;
  cluster.rig.workload.cancel(0, 5, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(cluster.rig.cancelled, [0]);
  assert.is(cluster.unsettled, 0);
  cluster.tell(String(key), { kv: { key, modRevision: 500, value } });
  assert.not("foreign" in cluster.rig.counts, JSON.stringify(cluster.rig.counts));
});

test("the delivery of a write that waited in the client is timed from when the write left", () => {
  const cluster = new Cluster({ mix: "pod-update=1", "conflict-rate": "0" });
  const { rig, names } = cluster;
  cluster.begin();
  rig.workload.onCallSent!(0, rig.nowNs + 4e6);
  rig.nowNs += 5e6;
  cluster.apply();
  const at = rig.samples.findIndex(({ series }) => names[series] === "watch-delivery");
  assert.is(rig.samples[at]!.durationNs, 1e6);
  assert.is(rig.sampleLateNs[at], 4e6);
});

test.run();
