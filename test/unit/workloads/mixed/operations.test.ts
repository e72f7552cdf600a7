/** Inserts, scans and read-modify-writes: their requests, read through the .proto files. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KeySpace } from "../../../../src/plan/key-space.ts";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { decodeMessage } from "../../../../src/protos.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import type { RequestTemplate, Transport } from "../../../../src/wire/transport.ts";
import { Insert } from "../../../../src/workloads/mixed/insert.ts";
import { Inserts } from "../../../../src/workloads/mixed/inserts.ts";
import { mixedKinds } from "../../../../src/workloads/mixed/load.ts";
import { ReadModifyWrite } from "../../../../src/workloads/mixed/read-modify-write.ts";
import { Scan } from "../../../../src/workloads/mixed/scan.ts";
import type { MixedWorkload } from "../../../../src/workloads/mixed/schema.ts";
import { SingleCalls } from "../../../../src/workloads/parts/calls/single-calls.ts";
import { ZIPF_EXPONENT } from "../../../../src/workloads/parts/keys/popularity.ts";
import { RangeKey } from "../../../../src/workloads/parts/keys/range-key.ts";
import { Put } from "../../../../src/workloads/put/load.ts";
import { StepRig } from "../step-rig.ts";

const [SHARE] = splitLoad({ connections: 1, clients: 4, workers: 1 }, ["a:1"]);
const VALUES = { valSizeBytes: 8, valueSize: null };

function keySpace(changes: Partial<KeySpace> = {}): KeySpace {
  return {
    keySizeBytes: 8,
    keySpaceSize: 1_000,
    sequential: false,
    popularity: "uniform",
    prefix: "p/",
    encoding: "fixed",
    ...changes,
  };
}

const cancelled: number[] = [];
const transport = {
  template: (path: string, message: Uint8Array): RequestTemplate => {
    return { path, bytes: Buffer.concat([Buffer.alloc(14), message]), messageOffset: 14 };
  },
  cancel: (client: number) => cancelled.push(client),
} as unknown as Transport;

interface ReadRange {
  key: Buffer;
  rangeEnd: Buffer;
  limit: string;
  serializable: boolean;
}

function decoded<Message>(type: string, { bytes, messageOffset }: RequestTemplate): Message {
  return decodeMessage<Message>(`etcdserverpb.${type}`, bytes.subarray(messageOffset));
}

test("a scan starts at a drawn key, ends after the last possible key, and has a drawn limit", () => {
  for (const scanLength of [1, 2, 100]) {
    const scan = { keys: keySpace(), consistency: "serializable", scanLength } as const;
    const scans = new Scan(scan, 7, SHARE!, transport);
    const limits = new Set<number>();
    const tickets = Array.from({ length: 2_000 }, () => scans.next());
    for (const ticket of tickets) {
      const read = decoded<ReadRange>("RangeRequest", scans.request(ticket));
      assert.is(read.key.toString("latin1", 0, 2), "p/");
      assert.ok(read.key.readUIntBE(2, 6) < 1_000);
      // After every key of that width, and before all keys with a longer prefix.
      assert.equal(read.rangeEnd, Buffer.from("702fffffffffffff00", "hex"));
      assert.ok(read.serializable);
      limits.add(Number(read.limit));
    }
    assert.equal(
      [...limits].sort((a, b) => a - b),
      Array.from({ length: scanLength }, (_, index) => index + 1),
    );
    scans.restart();
    assert.equal(
      tickets,
      tickets.map(() => scans.next()),
    );
  }
});

test("an insert puts the next key after the space, the same key if resent, and no key twice", () => {
  const inserts = new Inserts(1_000, SHARE!);
  const source = new Insert({ keys: keySpace(), ...VALUES }, inserts, 7, SHARE!, transport);
  const rig = new StepRig();
  const calls = new SingleCalls(source, 4, rig, transport);
  const keyOf = (template: RequestTemplate) => {
    assert.is(template.path, "/etcdserverpb.KV/Put");
    const { key, value } = decoded<{ key: Buffer; value: Buffer }>("PutRequest", template);
    assert.is(value.length, 8);
    return key.readUIntBE(2, 6);
  };
  const tickets = [source.next(0), source.next(1)];
  assert.equal(
    [1, 0, 1].map((at) => keyOf(source.request(tickets[at]!))),
    [1_001, 1_000, 1_001],
  );
  calls.begin(2, 0);
  calls.onCallEnd(2, Status.UNAVAILABLE, "gone", 1);
  assert.is(inserts.count, 0, "the first is still under way");
  calls.cancel(0);
  source.ended(1);
  assert.is(inserts.count, 3, "however they ended");
  calls.restart();
  assert.is(keyOf(source.request(source.next(0))), 1_003, "a later phase goes on");
});

test("latest reads prefer the newest insert by Zipf's law, and then the end of the key space", () => {
  const inserts = new Inserts(1_000, SHARE!);
  const keys = keySpace({ popularity: "latest" });
  const oneKey = { end: null, consistency: "linearizable" } as const;
  const reads = new RangeKey(keys, oneKey, 7, SHARE!, transport, { inserted: inserts });
  for (let at = 0; at < 500; at++) {
    inserts.begin(0);
    inserts.end(0);
  }
  const draws = 50_000;
  const counts = new Map<number, number>();
  for (let at = 0; at < draws; at++) {
    const index = reads.next();
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const weights = Array.from({ length: 1_500 }, (_, rank) => (rank + 1) ** -ZIPF_EXPONENT);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  for (const rank of [0, 1, 2, 9, 99, 499, 500, 900]) {
    const share = weights[rank]! / all;
    const count = counts.get(1_499 - rank) ?? 0;
    // Five standard deviations and five more. The seed is fixed, so the result never changes.
    const bound = 5 * Math.sqrt(draws * share) + 5;
    assert.ok(Math.abs(count - draws * share) <= bound, `rank ${rank}: ${count}`);
  }
});

function rmwRig() {
  const keys = keySpace();
  const reads = new RangeKey(
    keys,
    { end: null, consistency: "linearizable" },
    7,
    SHARE!,
    transport,
  );
  const puts = new Put({ kind: "put", keys, ...VALUES }, 7, SHARE!, transport);
  const calls: { path: string; key: string }[] = [];
  const noted: [what: string, series: number, ns: number][] = [];
  const lateNs: number[] = [];
  const ends: [status: number, ns: number][] = [];
  const note = ({ path, bytes, messageOffset }: RequestTemplate) => {
    const type = path.endsWith("/Put") ? "PutRequest" : "RangeRequest";
    const { key } = decodeMessage<{ key: Buffer }>(
      `etcdserverpb.${type}`,
      bytes.subarray(messageOffset),
    );
    calls.push({ path, key: key.toString("hex") });
  };
  const rig = new StepRig();
  Object.assign(rig, {
    call: (_: number, __: number, template: RequestTemplate) => note(template),
    resend: (_: number, template: RequestTemplate) => note(template),
    sample: (series: number, ns: number, late: number) => {
      noted.push(["sample", series, ns]);
      lateNs.push(late);
    },
    fail: (series: number, ns: number, _status: number, _message: string, late: number) => {
      noted.push(["fail", series, ns]);
      lateNs.push(late);
    },
    end: (_: number, status: number, __: string, ns: number) => ends.push([status, ns]),
  });
  const workload = new ReadModifyWrite(reads, puts, 4, rig, transport);
  return { rig, workload, calls, noted, lateNs, ends };
}

test("a read-modify-write's read is due with the operation, and its put when the read has ended", () => {
  const { rig, workload, noted, lateNs } = rmwRig();
  rig.dueAtNs = 60;
  workload.begin(1, 100);
  workload.onCallEnd(1, Status.OK, "", 130);
  workload.onCallEnd(1, Status.OK, "", 200);
  assert.equal(lateNs, [40, 0]);
  rig.dueAtNs = 240;
  workload.begin(1, 300);
  workload.cancel(1, 1_300, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(noted.at(-1), ["fail", 1, 1_000], "the part that was cut has failed");
  assert.is(lateNs.at(-1), 60);
  workload.onDropped(777);
  assert.equal(rig.drops, [{ series: 1, waitedNs: 777, count: 1 }]);
});

test("a read-modify-write reads a key and puts the same key, timed as a whole and in parts", () => {
  const { workload, calls, noted, ends } = rmwRig();
  workload.begin(1, 100);
  workload.onCallUnprocessed(1);
  workload.onCallEnd(1, Status.OK, "", 130);
  assert.equal(ends, []);
  workload.onCallUnprocessed(1);
  workload.onCallEnd(1, Status.OK, "", 200);
  assert.equal(
    calls.map(({ path }) => path.split("/")[2]),
    ["Range", "Range", "Put", "Put"],
  );
  assert.is(new Set(calls.map(({ key }) => key)).size, 1);
  assert.equal(noted, [
    ["sample", 1, 30],
    ["sample", 2, 70],
  ]);
  assert.equal(ends, [[Status.OK, 200]]);
});

test("a read-modify-write ends when its read or put fails, and sends no put after a failed read", () => {
  const { workload, calls, noted, ends } = rmwRig();
  workload.begin(0, 0);
  workload.onCallEnd(0, Status.UNAVAILABLE, "gone", 5);
  workload.begin(0, 10);
  workload.onCallEnd(0, Status.OK, "", 12);
  workload.onCallEnd(0, Status.RESOURCE_EXHAUSTED, "full", 20);
  assert.equal(
    calls.map(({ path }) => path.split("/")[2]),
    ["Range", "Range", "Put"],
  );
  assert.equal(noted, [
    ["fail", 1, 5],
    ["sample", 1, 2],
    ["fail", 2, 8],
  ]);
  assert.equal(ends, [
    [Status.UNAVAILABLE, 5],
    [Status.RESOURCE_EXHAUSTED, 20],
  ]);
  workload.begin(3, 30);
  workload.cancel(3, 0, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.is(cancelled.at(-1), 3);
});

test("a read-modify-write with an invalid read response fails and sends no put", () => {
  const { workload, calls, noted, ends } = rmwRig();
  workload.begin(2, 0);
  workload.onMessage(2, Buffer.from("12ff", "hex"), 0, 2);
  workload.onCallEnd(2, Status.OK, "", 7);
  assert.equal([calls.length, noted, ends], [1, [["fail", 1, 7]], [[Status.INTERNAL, 7]]]);
});

test("reads and read-modify-writes of one mix draw different keys", () => {
  const plan: MixedWorkload = {
    kind: "mixed",
    keys: keySpace(),
    ...VALUES,
    mix: [
      { operation: "range", weight: 1 },
      { operation: "rmw", weight: 1 },
    ],
    consistency: "linearizable",
    txnOps: 1,
    scanLength: 100,
    leaseGrant: null,
  };
  const drawn = mixedKinds(plan, 7, SHARE!, transport).map(({ make }) => {
    const keys: string[] = [];
    const rig = new StepRig();
    Object.assign(rig, {
      call: (_: number, __: number, { bytes, messageOffset }: RequestTemplate) =>
        keys.push(bytes.toString("hex", messageOffset, messageOffset + 10)),
    });
    const workload = make(rig);
    for (let at = 0; at < 20; at++) workload.begin(0, 0);
    return keys.join();
  });
  assert.is(new Set(drawn).size, 2);
});

test("a read-modify-write's read that has waited in the client is timed from when it left", () => {
  const { rig, workload, noted, lateNs } = rmwRig();
  rig.dueAtNs = 60;
  workload.begin(1, 100);
  workload.onCallSent(1, 120);
  workload.onCallEnd(1, Status.OK, "", 130);
  workload.onCallEnd(1, Status.OK, "", 200);
  assert.equal(noted, [
    ["sample", 1, 10],
    ["sample", 2, 70],
  ]);
  // The response time is from when it was due, as before.
  assert.equal(lateNs, [60, 0]);
});

test.run();
