/** The keys that --cleanup deletes for a worker: those of requests it began, and no others. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { operation } from "../../../../src/load/load.ts";
import type { OperationSpec } from "../../../../src/load/messages.ts";
import type { KeySpace } from "../../../../src/plan/key-space.ts";
import { splitLoad, type WorkerShare } from "../../../../src/plan/shares.ts";
import { loadsOf } from "../../../../src/workloads/loads.ts";
import type { MixedSpec } from "../../../../src/workloads/mixed/load.ts";
import type { ContendSpec } from "../../../../src/workloads/parts/contention/contend-load.ts";
import {
  boardBuffer,
  ContentionBoard,
} from "../../../../src/workloads/parts/contention/contention-board.ts";
import type { PutSpec } from "../../../../src/workloads/put/load.ts";
import type { StalenessSpec } from "../../../../src/workloads/staleness/load.ts";
import type { StmSpec } from "../../../../src/workloads/stm/load.ts";
import type { TxnPutSpec } from "../../../../src/workloads/txn-put/load.ts";

const LOADS = await loadsOf(
  ["put", "staleness", "txn-put", "mixed", "contend", "stm"].map((kind) => ({ kind, series: [] })),
);
const SHARES = splitLoad({ connections: 2, clients: 6, workers: 2 }, ["a:1"]);
const KEYS: KeySpace = {
  keySizeBytes: 4,
  keySpaceSize: 100,
  sequential: true,
  popularity: "uniform",
  prefix: "p",
  encoding: "fixed",
};
const VALUES = { valSizeBytes: 8, valueSize: null };

function writtenKeys(
  spec: OperationSpec,
  share: WorkerShare,
  seed: number,
  begun: readonly number[],
): Iterable<Buffer> {
  return LOADS.of(spec).writtenKeys?.(spec, share, seed, begun) ?? [];
}

function indices(spec: OperationSpec, worker: number, ...begun: number[]): number[] {
  return [...writtenKeys(spec, SHARES[worker]!, 7, begun)].map((key) => {
    assert.is(key.toString("latin1", 0, 1), "p");
    assert.is(key.length, 4);
    return key.readUIntBE(1, 3);
  });
}

test("sequential puts have written as many keys as each worker began puts", () => {
  const spec: PutSpec = {
    series: [],
    kind: "put",
    put: { kind: "put", keys: KEYS, ...VALUES },
  };
  // Of six clients each worker has every second one, and each client has every sixth request.
  assert.equal(indices(spec, 0, 5), [0, 2, 4, 6, 8]);
  assert.equal(indices(spec, 1, 3), [1, 3, 5]);
  assert.equal(indices(spec, 1, 0), []);
});

test("staleness has written the keys of its puts", () => {
  const spec: StalenessSpec = {
    series: [],
    kind: "staleness",
    staleness: {
      put: { kind: "put", keys: KEYS, ...VALUES },
      key: Buffer.alloc(4),
      readEndpoints: ["a:1"],
      readsPerSec: 10,
      readsAtOnce: 5,
      timeoutMs: 100,
    },
  };
  assert.equal(indices(spec, 0, 4), [0, 2, 4, 6]);
});

test("a transaction has written all its keys, with values of any size", () => {
  const valueSize = { kind: "uniform", minBytes: 0, maxBytes: 400 } as const;
  const txnPut = { keys: KEYS, valSizeBytes: 200, valueSize, txnOps: 3 };
  assert.equal(
    indices(operation<TxnPutSpec>({ series: [], kind: "txn-put", txnPut }), 0, 2),
    [0, 1, 2, 6, 7, 8],
  );
});

test("in a mix only puts have written keys, the same as those drawn in the run", () => {
  const mixed = {
    kind: "mixed" as const,
    keys: { ...KEYS, sequential: false },
    ...VALUES,
    mix: [
      { operation: "range" as const, weight: 3 },
      { operation: "put" as const, weight: 1 },
      { operation: "delete" as const, weight: 1 },
    ],
    consistency: "serializable" as const,
    txnOps: 1,
    scanLength: 100,
    leaseGrant: null,
  };
  const spec: MixedSpec = { series: [], kind: "mixed", mixed };
  const written = indices(spec, 0, 500);
  // A fifth, within six standard deviations.
  assert.ok(written.length > 46 && written.length < 154, `${written.length}`);
  assert.equal(indices(spec, 0, 250), written.slice(0, indices(spec, 0, 250).length));
});

test("inserts of a later phase follow those of the previous one, and each worker has its own keys", () => {
  const keys = { ...KEYS, sequential: false, popularity: "latest" as const };
  const mix = [
    { operation: "insert" as const, weight: 1 },
    { operation: "range" as const, weight: 1 },
    { operation: "rmw" as const, weight: 1 },
  ];
  const shape = {
    consistency: "serializable",
    txnOps: 1,
    scanLength: 5,
    leaseGrant: null,
  } as const;
  const mixed = { kind: "mixed" as const, keys, ...VALUES, mix, ...shape };
  const spec: MixedSpec = { series: [], kind: "mixed", mixed };
  const [first, second] = [0, 1].map((worker) => indices(spec, worker, 60, 60));
  const inserted = (of: number[]) => of.filter((index) => index >= 100);
  // The worker with the even clients has the even indices, without a gap.
  assert.equal(
    inserted(first!),
    inserted(first!).map((_, place) => 100 + 2 * place),
  );
  assert.ok(inserted(first!).length > 20, "of both phases");
  assert.equal(
    inserted(second!),
    inserted(second!).map((_, place) => 101 + 2 * place),
  );
  assert.ok(
    first!.some((index) => index < 100),
    "a read-modify-write puts what it has read",
  );
});

test("leases in a mix have written keys of all clients", () => {
  const leaseGrant = {
    kind: "lease-grant",
    ttlSeconds: 60,
    keysPerLease: 2,
    ...VALUES,
    prefix: "pl/",
    expire: false,
  } as const;
  const mix = [{ operation: "lease-grant" as const, weight: 1 }];
  const shape = { consistency: "serializable", txnOps: 1, scanLength: 5 } as const;
  const mixed = { kind: "mixed" as const, keys: KEYS, ...VALUES, mix, ...shape, leaseGrant };
  const spec: MixedSpec = { series: [], kind: "mixed", mixed };
  const names = new Set([...writtenKeys(spec, SHARES[0]!, 7, [9])].map(String));
  assert.is(names.size, 6);
  for (const name of names) assert.ok(name.startsWith("pl/"), name);
  assert.equal([...writtenKeys(spec, SHARES[0]!, 7, [0])], []);
});

test("the lock keys of each contender's first and last lease are listed", () => {
  const shape = { names: 2, clients: 6 };
  const board = boardBuffer(shape);
  const view = new ContentionBoard(board, shape);
  const leases = Array.from({ length: 6 }, (_, client) => String(0xabc0 + client));
  for (const [client, lease] of leases.entries()) view.setLease(client, lease);
  view.setLease(2, String(2n ** 62n));
  const plan = {
    kind: "lock",
    prefix: "l/",
    ttlSeconds: 60,
    holdMs: 0,
    locks: 2,
    locker: "lock-rpc",
  } as const;
  const contend = { plan, names: ["l/0", "l/1"], leases, board, workers: 2 };
  const spec: ContendSpec = { series: [], kind: "contend", contend };
  const names = (worker: number) =>
    [...writtenKeys(spec, SHARES[worker]!, 7, [9])].map((key) => key.toString());
  assert.equal(names(0), ["l/0/abc0", "l/0/abc2", "l/0/4000000000000000", "l/0/abc4"]);
  assert.equal(names(1), ["l/1/abc1", "l/1/abc3", "l/1/abc5"]);
  assert.equal([...writtenKeys(spec, SHARES[0]!, 7, [0])], []);
  // In the mutex recipe the key has all digits of the lease's id.
  const recipe = { ...contend, plan: { ...plan, locker: "lock-client" as const } };
  const [first] = writtenKeys(
    operation<ContendSpec>({ ...spec, contend: recipe }),
    SHARES[0]!,
    7,
    [9],
  );
  assert.is(String(first), "l/0/000000000000abc0");
});

test("a software transaction has written the keys that its commit puts, all among those it reads", () => {
  const plan = {
    kind: "stm" as const,
    isolation: "serializable" as const,
    keySpaceSize: 50,
    keysPerTxn: 4,
    writePercent: 100,
    locker: "lock-rpc" as const,
    ...VALUES,
    prefix: "",
  };
  const spec: StmSpec = { series: [], kind: "stm", stm: { plan, lock: null } };
  const written = [...writtenKeys(spec, SHARES[0]!, 7, [10])];
  assert.is(written.length, 40);
  for (const key of written) assert.ok(key.readUInt32BE(0) < 50);
  const none = { ...spec, stm: { plan: { ...plan, writePercent: 0 }, lock: null } };
  assert.equal([...writtenKeys(none, SHARES[0]!, 7, [10])], []);
});

test.run();
