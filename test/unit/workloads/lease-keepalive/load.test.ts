/** lease-keepalive's steps: one open stream per client, or a new stream for each keep-alive. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { CallMode } from "../../../../src/wire/transport.ts";
import { LeaseKeepalive } from "../../../../src/workloads/lease-keepalive/load.ts";
import { StepRig } from "../step-rig.ts";

const LEASES = ["9000000000000000001", "2", "3", "4"];
const ANSWER = "etcdserverpb.LeaseKeepAliveResponse";

/** The worker has clients 0 and 3 of the run. */
function rigOf(newStream: boolean): StepRig {
  const rig = new StepRig();
  // Later than the begin of every keep-alive below that it answers.
  rig.nowNs = 10;
  const requests = { leases: LEASES, newStream };
  rig.workload = new LeaseKeepalive(requests, [0, 3], rig, rig.transport);
  return rig;
}

function leaseIn(rig: StepRig, slot: number): string {
  return rig.request<{ ID: string }>(slot, "etcdserverpb.LeaseKeepAliveRequest").ID;
}

test("each client renews its own lease on a stream that stays open", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, 0);
  rig.workload.begin(1, 0);
  assert.equal([leaseIn(rig, 0), leaseIn(rig, 1)], [LEASES[0], LEASES[3]]);
  const stream = rig.pending.get(0)!;
  assert.equal([stream.path, stream.mode], ["/etcdserverpb.Lease/LeaseKeepAlive", CallMode.STREAM]);
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  rig.workload.begin(0, 1);
  assert.is(rig.pending.get(0), stream);
  assert.is(stream.sent.length, 2);
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  assert.equal(rig.ended, [
    { client: 0, status: 0, message: "" },
    { client: 0, status: 0, message: "" },
  ]);
  assert.equal(rig.cancelled, []);
});

test("with a new stream for each keep-alive, the response ends its stream", () => {
  const rig = rigOf(true);
  rig.workload.begin(0, 0);
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  assert.equal(rig.cancelled, [0]);
  rig.workload.begin(0, 1);
  assert.is(rig.pending.get(0)!.sent.length, 1);
});

test("a response without a TTL means that the lease has expired, and is a failure", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, 0);
  rig.answer(0, ANSWER, { ID: LEASES[0] });
  const message = "etcd does not know the lease (TTL 0): it has expired or was revoked";
  assert.equal(rig.ended, [{ client: 0, status: 5, message }]);
});

test("an answer that names no lease says nothing of the lease, and is a failure", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, 0);
  rig.answer(0, ANSWER, {});
  const message = "the server sent a LeaseKeepAliveResponse that names no lease";
  assert.equal(rig.ended, [{ client: 0, status: Status.INTERNAL, message }]);
});

test("a broken stream fails only the keep-alive in flight, and the next one opens a new stream", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, 0);
  rig.finish(0, 14, "gone");
  assert.equal(rig.ended, [{ client: 0, status: 14, message: "gone" }]);
  rig.workload.begin(0, 1);
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  // Without a keep-alive in flight a broken stream fails nothing.
  rig.finish(0, 14, "gone");
  assert.is(rig.ended.length, 2);
  rig.workload.begin(0, 2);
  assert.is(rig.pending.get(0)!.sent.length, 1);
  rig.finish(0, 0, "");
  assert.is(rig.ended.at(-1)!.status, 14, "OK without an answer is no success");
});

test("a keep-alive that times out ends its stream, and the next one opens a new stream", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, 0);
  rig.workload.cancel(0, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(rig.cancelled, [0]);
  rig.workload.begin(0, 1);
  assert.is(rig.pending.get(0)!.sent.length, 1);
});

test("a stream that the server refused is reopened for the waiting keep-alive", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, 0);
  rig.refuse(0);
  assert.equal(rig.resent, [0]);
  assert.is(leaseIn(rig, 0), LEASES[0]);
});

test("an answer read before its keep-alive was sent fails it, and the next one opens a new stream", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, rig.nowNs - 1);
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  rig.workload.begin(0, rig.nowNs);
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  assert.equal(rig.ended, [
    { client: 0, status: 0, message: "" },
    { client: 0, status: Status.INTERNAL, message: "the server answered a keep-alive twice" },
  ]);
  assert.equal(rig.cancelled, [0]);
  rig.workload.begin(0, rig.nowNs);
  assert.is(rig.pending.get(0)!.sent.length, 1);
});

test("an answer without a keep-alive in flight ends the stream", () => {
  const rig = rigOf(false);
  rig.workload.begin(0, rig.nowNs - 1);
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  rig.answer(0, ANSWER, { ID: LEASES[0], TTL: 100 });
  assert.equal(rig.cancelled, [0]);
  rig.workload.begin(0, rig.nowNs);
  assert.is(rig.pending.get(0)!.sent.length, 1);
});

test.run();
