/** The requests of mixed, read through the .proto files: drawn by weight, from one key space. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Operations } from "../../../../src/load/workload.ts";
import type { KeySpace } from "../../../../src/plan/key-space.ts";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { CallMode, type RequestTemplate, type Transport } from "../../../../src/wire/transport.ts";
import { mixedKinds, mixedSeries } from "../../../../src/workloads/mixed/load.ts";
import type { MixedWorkload } from "../../../../src/workloads/mixed/schema.ts";
import type { MixKind } from "../../../../src/workloads/parts/calls/mix.ts";
import { RangeKey } from "../../../../src/workloads/parts/keys/range-key.ts";
import { StepRig } from "../step-rig.ts";

const SHARES = splitLoad({ connections: 2, clients: 4, workers: 2 }, ["a:1"]);

const transport = {
  template(path: string, message: Uint8Array, mode?: number): RequestTemplate {
    assert.is(mode === CallMode.UNARY_PARTS, path.endsWith("/Range"), path);
    assert.is(mode === CallMode.UNARY_ANSWER, path.endsWith("/DeleteRange"), path);
    return { path, bytes: Buffer.concat([Buffer.alloc(14), message]), messageOffset: 14 };
  },
} as unknown as Transport;

const anyTransport = {
  template: (path: string, message: Uint8Array): RequestTemplate => {
    return { path, bytes: Buffer.concat([Buffer.alloc(14), message]), messageOffset: 14 };
  },
} as unknown as Transport;

function keySpace(keySizeBytes: number, keySpaceSize: number): KeySpace {
  return {
    keySizeBytes,
    keySpaceSize,
    sequential: false,
    popularity: "uniform",
    prefix: "",
    encoding: "fixed",
  };
}

const PLAN: MixedWorkload = {
  kind: "mixed",
  keys: keySpace(8, 50),
  valSizeBytes: 8,
  valueSize: null,
  mix: [
    { operation: "delete", weight: 1 },
    { operation: "put", weight: 2 },
    { operation: "txn-put", weight: 4 },
    { operation: "range", weight: 8 },
  ],
  consistency: "serializable",
  txnOps: 2,
  scanLength: 100,
  leaseGrant: null,
};

const ONE_KEY = { end: null, consistency: "linearizable" } as const;

/** The first calls of `count` operations of one kind. */
function begun(make: MixKind["make"], count: number): { path: string; message: Buffer }[] {
  const calls: { path: string; message: Buffer }[] = [];
  const operations = {
    call: (_: number, __: number, { path, bytes, messageOffset }: RequestTemplate) =>
      calls.push({ path, message: Buffer.from(bytes.subarray(messageOffset)) }),
  } as unknown as Operations;
  const workload = make(operations);
  for (let at = 0; at < count; at++) workload.begin(0, 0);
  return calls;
}

test("each operation of a mix has its weight and its series, in the order of the plan", () => {
  assert.equal(mixedSeries(PLAN), [
    "mixed",
    "mixed-delete",
    "mixed-put",
    "mixed-txn-put",
    "mixed-range",
  ]);
  const kinds = mixedKinds(PLAN, 7, SHARES[0]!, transport);
  assert.equal(
    kinds.map(({ make, weight }) => [begun(make, 1)[0]!.path, weight]),
    [
      ["/etcdserverpb.KV/DeleteRange", 1],
      ["/etcdserverpb.KV/Put", 2],
      ["/etcdserverpb.KV/Txn", 4],
      ["/etcdserverpb.KV/Range", 8],
    ],
  );
});

test("the series of an operation's parts follow its own series", () => {
  const leaseGrant = {
    kind: "lease-grant",
    ttlSeconds: 60,
    keysPerLease: 1,
    valSizeBytes: 8,
    valueSize: null,
    prefix: "lease/",
    expire: false,
  } as const;
  const operations = ["rmw", "lease-grant", "insert"] as const;
  const mix = operations.map((operation) => ({ operation, weight: 1 }));
  const plan: MixedWorkload = { ...PLAN, mix, leaseGrant };
  assert.equal(mixedSeries(plan), [
    "mixed",
    "mixed-rmw",
    "mixed-rmw-range",
    "mixed-rmw-put",
    "mixed-lease-grant",
    "mixed-lease-grant-grant",
    "mixed-lease-grant-revoke",
    "mixed-lease-grant-put",
    "mixed-insert",
  ]);
  assert.equal(
    mixedKinds(plan, 7, SHARES[0]!, anyTransport).map(({ parts }) => parts),
    [2, 3, 0],
  );
});

test("puts, deletes and ranges each draw their own sequence, over all keys of the space", () => {
  const sequences = mixedKinds(PLAN, 7, SHARES[0]!, transport)
    .filter((_, kind) => kind !== 2)
    .map(({ make }) => begun(make, 1_000).map(({ message }) => message.readUInt16BE(8)));
  for (const indices of sequences) {
    assert.equal(
      [...new Set(indices)].sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, index) => index),
    );
  }
  assert.is(new Set(sequences.map(String)).size, sequences.length);
});

test("a range reads one key at the planned consistency, and can be built again", () => {
  for (const consistency of ["serializable", "linearizable"] as const) {
    for (const keySize of [2, 8, 127, 128, 300]) {
      const ranges = new RangeKey(
        keySpace(keySize, 60_000),
        { end: null, consistency },
        7,
        SHARES[0]!,
        transport,
      );
      const read = (ticket: number) => {
        const { path, bytes, messageOffset } = ranges.request(ticket);
        assert.is(path, "/etcdserverpb.KV/Range");
        const message = bytes.subarray(messageOffset);
        const request = decodeMessage<{ key: Buffer; rangeEnd: Buffer; serializable: boolean }>(
          "etcdserverpb.RangeRequest",
          message,
        );
        assert.is(request.rangeEnd.length, 0);
        assert.is(request.key.length, keySize);
        assert.is(request.serializable, consistency === "serializable");
        return request.key.readUInt16BE(keySize - 2);
      };
      const tickets = Array.from({ length: 5 }, () => ranges.next());
      assert.equal(tickets.map(read), tickets);
      assert.is(read(tickets[0]!), tickets[0]);
      ranges.restart();
      assert.is(ranges.next(), tickets[0]);
    }
  }
});

test("a range that starts at a drawn key has its end and limit, and counts no key as found", () => {
  const end = Buffer.from("end");
  const range = { end, limit: 300, consistency: "linearizable" } as const;
  const ranges = new RangeKey(keySpace(8, 60_000), range, 7, SHARES[0]!, transport);
  const { bytes, messageOffset } = ranges.request(513);
  const read = decodeMessage<{ key: Buffer; rangeEnd: Buffer; limit: string }>(
    "etcdserverpb.RangeRequest",
    bytes.subarray(messageOffset),
  );
  assert.equal(read.key, Buffer.from([0, 0, 0, 0, 0, 0, 2, 1]));
  assert.equal(read.rangeEnd, end);
  assert.is(Number(read.limit), 300);
  const rig = new StepRig();
  ranges.reader.begin(0);
  ranges.reader.ended(0, Status.OK, rig);
  assert.equal(rig.counts, {});
});

test("workers read different keys", () => {
  const drawn = SHARES.map((share) => {
    const ranges = new RangeKey(keySpace(8, 1_000), ONE_KEY, 7, share, transport);
    return Array.from({ length: 20 }, () => ranges.next()).join();
  });
  assert.is(new Set(drawn).size, SHARES.length);
});

test("whether the key exists is read from the response, after its header and value", () => {
  const { reader } = new RangeKey(keySpace(8, 5), ONE_KEY, 7, SHARES[0]!, transport);
  const header = { clusterId: "14841639068965178418", revision: "300", raftTerm: "2" };
  const kv = { key: Buffer.from("key"), value: Buffer.alloc(5_000, 0x20), version: "4" };
  const found = encodeMessage("etcdserverpb.RangeResponse", { header, kvs: [kv], count: 1 });
  const absent = encodeMessage("etcdserverpb.RangeResponse", { header });
  const rig = new StepRig();
  for (const [answer, status] of [
    [absent, Status.OK],
    [found, Status.OK],
    [found, Status.UNAVAILABLE],
  ] as const) {
    reader.begin(1);
    reader.read(1, answer, 0, answer.length);
    reader.ended(1, status, rig);
  }
  assert.equal(rig.counts, { found: 1 });
  assert.equal(rig.receipts, [
    { keys: 0, bytes: absent.length },
    { keys: 1, bytes: found.length },
  ]);
});

test.run();
