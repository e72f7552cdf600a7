/** lease-grant's steps: what is sent in which order, and in which series each is recorded. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LeaseGrant, leaseGrantSeries } from "../../../../src/workloads/lease-grant/load.ts";
import type { LeaseGrantWorkload } from "../../../../src/workloads/lease-grant/schema.ts";
import { StepRig } from "../step-rig.ts";

const LEASE = "7587870000000000123";
const header = { revision: 41 };
const SHARE = {
  workerIndex: 0,
  connectionEndpoints: ["a:1"],
  clientConnections: [0, 0],
  clientNumbers: [6, 9],
  clients: 10,
};

function rigOf(changes: Partial<LeaseGrantWorkload> = {}): { rig: StepRig; names: string[] } {
  const plan: LeaseGrantWorkload = {
    kind: "lease-grant",
    ttlSeconds: 5,
    keysPerLease: 2,
    valSizeBytes: 8,
    valueSize: null,
    prefix: "p/",
    expire: false,
    ...changes,
  };
  const rig = new StepRig();
  rig.workload = new LeaseGrant(plan, 1, SHARE, rig, rig.transport);
  return { rig, names: leaseGrantSeries(plan) };
}

function grant(rig: StepRig): void {
  rig.workload.begin(1, rig.nowNs);
  const { TTL, ID } = rig.request<{ TTL: string; ID: string }>(1, "etcdserverpb.LeaseGrantRequest");
  assert.equal([TTL, ID], ["5", "0"]);
  rig.nowNs += 1e6;
  rig.answer(1, "etcdserverpb.LeaseGrantResponse", { header, ID: LEASE, TTL: 5 });
}

function put(rig: StepRig, index: number): void {
  const request = rig.request<{ key: Buffer; lease: string }>(1, "etcdserverpb.PutRequest");
  assert.is(request.lease, LEASE);
  assert.is(request.key.toString("latin1"), `p/\0\0\0\x09\0\0\0${String.fromCharCode(index)}`);
  rig.nowNs += 2e6;
  rig.answer(1, "etcdserverpb.PutResponse", { header });
}

test("grant, puts under the client's own keys with the lease, revoke: each is a sample of its part", () => {
  const { rig, names } = rigOf();
  grant(rig);
  put(rig, 0);
  put(rig, 1);
  assert.is(rig.request<{ ID: string }>(1, "etcdserverpb.LeaseRevokeRequest").ID, LEASE);
  assert.equal(rig.ended, []);
  rig.nowNs += 3e6;
  rig.answer(1, "etcdserverpb.LeaseRevokeResponse", { header });
  assert.equal(rig.ended, [{ client: 1, status: 0, message: "" }]);
  assert.equal(
    rig.samples.map(({ series, durationNs }) => [names[series], durationNs / 1e6]),
    [
      ["lease-grant-grant", 1],
      ["lease-grant-put", 2],
      ["lease-grant-put", 2],
      ["lease-grant-revoke", 3],
    ],
  );
});

test("without keys the revoke follows the grant, and there is no series of puts", () => {
  const { rig, names } = rigOf({ keysPerLease: 0 });
  assert.not.ok(names.includes("lease-grant-put"));
  grant(rig);
  assert.is(rig.pending.get(1)!.path, "/etcdserverpb.Lease/LeaseRevoke");
});

test("expiry time is measured from the end of the granted TTL to the delete event", () => {
  const { rig, names } = rigOf({ expire: true, keysPerLease: 1 });
  grant(rig);
  const grantedNs = rig.nowNs;
  put(rig, 0);
  const { createRequest } = rig.request<{
    createRequest: { key: Buffer; startRevision: string };
  }>(1, "etcdserverpb.WatchRequest");
  assert.is(createRequest.startRevision, "42");
  assert.is(createRequest.key.length, 10);
  rig.answer(1, "etcdserverpb.WatchResponse", { header, created: true });
  const key = createRequest.key;
  rig.answer(1, "etcdserverpb.WatchResponse", { header, events: [{ kv: { key } }] });
  assert.equal(rig.ended, []);
  rig.nowNs = grantedNs + 5.3e9;
  rig.answer(1, "etcdserverpb.WatchResponse", {
    header,
    events: [{ type: "DELETE", kv: { key } }],
  });
  assert.equal(rig.cancelled, [1]);
  assert.equal(rig.ended, [{ client: 1, status: 0, message: "" }]);
  const last = rig.samples.at(-1)!;
  assert.equal([names[last.series], last.durationNs], ["lease-grant-expiry", 0.3e9]);
});

test("a failed part is recorded in its own series and fails the operation", () => {
  const { rig, names } = rigOf();
  grant(rig);
  rig.finish(1, 8, "no space");
  assert.equal(rig.ended, [{ client: 1, status: 8, message: "no space" }]);
  assert.equal(
    rig.failures.map(({ series, status }) => [names[series], status]),
    [["lease-grant-put", 8]],
  );
  const { rig: watching } = rigOf({ expire: true, keysPerLease: 1 });
  grant(watching);
  put(watching, 0);
  watching.answer(1, "etcdserverpb.WatchResponse", { header, created: true, canceled: true });
  assert.is(watching.ended[0]!.status, 1);
});

test("a refused step is built again with the same numbers", () => {
  const { rig } = rigOf();
  grant(rig);
  put(rig, 0);
  rig.refuse(1);
  put(rig, 1);
  assert.equal(rig.resent, [1]);
});

test("keys of a lease have values of the drawn sizes, and a repeated put has the same value", () => {
  const valueSize = { kind: "uniform", minBytes: 0, maxBytes: 900 } as const;
  const { rig } = rigOf({ keysPerLease: 5, valueSize });
  grant(rig);
  const sizes: number[] = [];
  for (let index = 0; index < 5; index++) {
    const { value } = rig.request<{ value: Buffer }>(1, "etcdserverpb.PutRequest");
    rig.refuse(1);
    const again = rig.request<{ value: Buffer }>(1, "etcdserverpb.PutRequest");
    assert.ok(again.value.equals(value));
    sizes.push(value.length);
    put(rig, index);
  }
  assert.is(new Set(sizes).size, 5);
});

test("a grant that has waited in the client is timed from when it left", () => {
  const { rig } = rigOf();
  rig.workload.begin(1, 0);
  rig.nowNs = 5e6;
  rig.workload.onCallSent!(1, 4e6);
  rig.answer(1, "etcdserverpb.LeaseGrantResponse", { header, ID: LEASE, TTL: 5 });
  put(rig, 0);
  assert.equal(
    rig.samples.map(({ durationNs }) => durationNs / 1e6),
    [1, 2],
  );
  assert.equal(rig.sampleLateNs, [4e6, 0]);
});

test.run();
