/** stm's steps: what each isolation reads and compares, what a conflict leads to, both locks' order. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { WorkerShare } from "../../../../src/plan/shares.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { Stm, stmSeries } from "../../../../src/workloads/stm/load.ts";
import type { StmWorkload } from "../../../../src/workloads/stm/schema.ts";
import { StepRig } from "../step-rig.ts";

const CLIENT = 1;
const LEASES = ["100", "200", "300"];
/** Client 1 of this worker is the run's client 2. */
const SHARE: WorkerShare = {
  workerIndex: 0,
  connectionEndpoints: ["127.0.0.1:1"],
  clientConnections: [0, 0],
  clientNumbers: [0, 2],
  clients: 3,
};
/** Of client 2's lease in the mutex recipe: its id in hexadecimal. */
const OWN_LOCK_KEY = "lock/000000000000012c";
const OTHER_LOCK_KEY = "lock/0000000000000064";

interface Range {
  key: Buffer;
  revision: string;
  serializable: boolean;
}
interface Compare {
  result: string;
  target: string;
  key: Buffer;
  modRevision: string;
}
interface Txn {
  compare: Compare[];
  success: {
    requestRange?: Range;
    requestPut?: { key: Buffer; value: Buffer; lease: string };
  }[];
  failure: { requestRange?: { key: Buffer } }[];
}

function rigOf(changes: Partial<StmWorkload> = {}): { rig: StepRig; names: string[] } {
  const plan: StmWorkload = {
    kind: "stm",
    isolation: "serializable",
    keySpaceSize: 1000,
    keysPerTxn: 2,
    writePercent: 100,
    locker: "stm",
    valSizeBytes: 8,
    valueSize: null,
    prefix: "p/",
    ...changes,
  };
  const rig = new StepRig();
  const lock = plan.locker === "stm" ? null : { name: "lock", leases: LEASES };
  rig.workload = new Stm({ plan, lock }, 1, SHARE, rig, rig.transport);
  return { rig, names: stmSeries(plan) };
}

function indexOf(key: Buffer): number {
  assert.is(key.subarray(0, 2).toString(), "p/");
  assert.is(key.length, 6);
  return key.readUInt32BE(2);
}

function storedValue(counter: number): Buffer {
  const value = Buffer.alloc(8);
  value.writeUIntBE(counter, 0, 6);
  return value;
}

/** Answers the read at hand, of a key last written at `modRevision`; 0: of one that is absent. */
function read(rig: StepRig, revision: number, modRevision: number, counter = 0): Range {
  const request = askedRead(rig);
  const kv = { key: request.key, modRevision, createRevision: 3, value: storedValue(counter) };
  rig.nowNs += 1e6;
  answerRead(rig, CLIENT, revision, modRevision === 0 ? [] : [kv]);
  return request;
}

/** The range of one key that the client asks for, alone in a transaction without compares. */
function askedRead(rig: StepRig): Range {
  const { compare, success, failure } = txn(rig);
  assert.equal([compare.length, success.length, failure.length], [0, 1, 0]);
  return success[0]!.requestRange!;
}

function answerRead(rig: StepRig, client: number, revision: number, kvs: object[]): void {
  rig.answer(client, "etcdserverpb.TxnResponse", {
    header: { revision },
    succeeded: true,
    responses: [{ responseRange: { header: { revision }, kvs } }],
  });
}

function txn(rig: StepRig): Txn {
  assert.is(rig.pending.get(CLIENT)!.path, "/etcdserverpb.KV/Txn");
  return rig.request<Txn>(CLIENT, "etcdserverpb.TxnRequest");
}

/** Compares in words, with the place of their key among those that were read. */
function comparesOf({ compare }: Txn, keys: number[]): string[] {
  return compare.map(
    ({ result, target, key, modRevision }) =>
      `${target} ${keys.indexOf(indexOf(key))} ${result} ${modRevision}`,
  );
}

function commit(rig: StepRig, succeeded: boolean, responses: object[] = [], revision = 60): void {
  rig.nowNs += 1e6;
  const answer = { header: { revision }, succeeded, responses };
  rig.answer(CLIENT, "etcdserverpb.TxnResponse", answer);
}

/** Begins a transaction, and reads its two keys: written at 41 and absent, seen at 50 and 55. */
function begun(isolation: StmWorkload["isolation"], changes: Partial<StmWorkload> = {}) {
  const { rig, names } = rigOf({ isolation, ...changes });
  rig.workload.begin(CLIENT, rig.nowNs);
  const reads = [read(rig, 50, 41, 7), read(rig, 55, 0)];
  const keys = reads.map(({ key }) => indexOf(key));
  assert.is(new Set(keys).size, 2);
  return { rig, names, reads, keys };
}

for (const { isolation, pins, compares, again } of [
  { isolation: "read-committed", pins: false, compares: [], again: 0 },
  {
    isolation: "repeatable-reads",
    pins: false,
    compares: ["MOD 0 EQUAL 41", "MOD 1 EQUAL 0"],
    again: 0,
  },
  {
    isolation: "serializable",
    pins: true,
    compares: ["MOD 0 EQUAL 41", "MOD 1 EQUAL 0"],
    again: 2,
  },
  {
    isolation: "serializable-snapshot",
    pins: true,
    compares: ["MOD 0 EQUAL 41", "MOD 1 EQUAL 0", "MOD 0 LESS 51", "MOD 1 LESS 51"],
    again: 2,
  },
] as const) {
  test(`${isolation}: ${compares.length} compares, ${pins ? "later reads at the first's revision" : "serializable reads"}`, () => {
    const { rig, names, reads, keys } = begun(isolation);
    assert.equal(
      reads.map(({ revision, serializable }) => [revision, serializable]),
      pins
        ? [
            ["0", false],
            ["50", true],
          ]
        : [
            ["0", true],
            ["0", true],
          ],
    );
    const sent = txn(rig);
    assert.equal(comparesOf(sent, keys), compares);
    assert.equal(
      sent.success.map(({ requestPut }) => [
        indexOf(requestPut!.key),
        requestPut!.value.readUIntBE(0, 6),
      ]),
      [
        [keys[0], 8],
        [keys[1], 1],
      ],
    );
    assert.equal(
      sent.failure.map(({ requestRange }) => indexOf(requestRange!.key)),
      keys.slice(0, again),
    );
    assert.equal(rig.ended, []);
    commit(rig, true);
    assert.equal(rig.ended, [{ client: CLIENT, status: 0, message: "" }]);
    assert.equal(rig.counts, { attempts: 1, commits: 1, increments: 2 });
    assert.equal(rig.samples, [{ series: names.indexOf("stm-txn"), durationNs: 3e6 }]);
  });
}

test("the snapshot compares only keys that are written for age, and all that are read for change", () => {
  const { rig, keys } = begun("serializable-snapshot", { writePercent: 0 });
  const sent = txn(rig);
  assert.equal(comparesOf(sent, keys), ["MOD 0 EQUAL 41", "MOD 1 EQUAL 0"]);
  assert.equal(sent.success, []);
  commit(rig, true);
  assert.equal(rig.counts, { attempts: 1, commits: 1, increments: 0 });
});

/** How many of `transactions` write how many of their keys, and at which places these stand. */
function writesOf(changes: Partial<StmWorkload>, transactions: number) {
  const { rig } = rigOf(changes);
  const byCount: Record<number, number> = {};
  const places = new Set<number>();
  for (let done = 0; done < transactions; done++) {
    rig.workload.begin(CLIENT, rig.nowNs);
    const keys = Array.from({ length: changes.keysPerTxn! }, () => indexOf(read(rig, 50, 0).key));
    const { success } = txn(rig);
    byCount[success.length] = (byCount[success.length] ?? 0) + 1;
    for (const { requestPut } of success) places.add(keys.indexOf(indexOf(requestPut!.key)));
    commit(rig, true);
  }
  return { byCount, places: [...places].sort() };
}

test("the share of a transaction's keys is written, wherever they stand among them", () => {
  for (const [keysPerTxn, writePercent, written] of [
    [4, 50, 2],
    [4, 75, 3],
    [10, 30, 3],
  ] as const) {
    const { byCount, places } = writesOf({ keysPerTxn, writePercent }, 200);
    assert.equal(byCount, { [written]: 200 });
    assert.is(places.length, keysPerTxn);
  }
});

test("of a share that is no whole number of keys the rest is a chance of one more", () => {
  for (const [keysPerTxn, writePercent, least, chance] of [
    [1, 50, 0, 0.5],
    [3, 50, 1, 0.5],
    [4, 30, 1, 0.2],
  ] as const) {
    const { byCount } = writesOf({ keysPerTxn, writePercent }, 1_000);
    assert.equal(Object.keys(byCount), [String(least), String(least + 1)]);
    // Five standard deviations of so many draws are 80 at most.
    assert.ok(Math.abs(byCount[least + 1]! - 1_000 * chance) < 80, JSON.stringify(byCount));
  }
});

test("repeatable reads that conflict read the same keys again, and then compare what they saw", () => {
  const { rig, keys } = begun("repeatable-reads");
  commit(rig, false);
  assert.equal(rig.ended, []);
  const again = [read(rig, 70, 61, 9), read(rig, 71, 62, 3)];
  assert.equal(
    again.map(({ key }) => indexOf(key)),
    keys,
  );
  const sent = txn(rig);
  assert.equal(comparesOf(sent, keys), ["MOD 0 EQUAL 61", "MOD 1 EQUAL 62"]);
  assert.equal(
    sent.success.map(({ requestPut }) => requestPut!.value.readUIntBE(0, 6)),
    [10, 4],
  );
  commit(rig, true);
  assert.equal(rig.counts, { attempts: 2, conflicts: 1, commits: 1, increments: 2 });
  assert.is(rig.ended.length, 1);
  assert.is(rig.samples.length, 1);
});

for (const isolation of ["serializable", "serializable-snapshot"] as const) {
  test(`${isolation}: a conflict's answer holds the next attempt's reads, so it commits at once`, () => {
    const { rig, keys } = begun(isolation);
    const kv = { key: Buffer.from("p/"), modRevision: 58, value: storedValue(20) };
    commit(rig, false, [{ responseRange: {} }, { responseRange: { kvs: [kv] } }]);
    assert.equal(rig.ended, []);
    const sent = txn(rig);
    const ages = ["MOD 0 LESS 61", "MOD 1 LESS 61"];
    assert.equal(comparesOf(sent, keys), [
      "MOD 0 EQUAL 0",
      "MOD 1 EQUAL 58",
      ...(isolation === "serializable" ? [] : ages),
    ]);
    assert.equal(
      sent.success.map(({ requestPut }) => requestPut!.value.readUIntBE(0, 6)),
      [1, 21],
    );
    commit(rig, false, [{ responseRange: {} }, { responseRange: {} }], 66);
    commit(rig, true);
    assert.equal(rig.counts, { attempts: 3, conflicts: 2, commits: 1, increments: 2 });
    assert.is(rig.ended.length, 1);
  });
}

test("a step that fails ends the operation once, and the next one starts with reads of the newest", () => {
  for (const stepsBefore of [0, 1, 2]) {
    const { rig, names } = rigOf();
    rig.workload.begin(CLIENT, rig.nowNs);
    for (let step = 0; step < stepsBefore; step++) read(rig, 50, 41);
    rig.finish(CLIENT, 14, "gone");
    assert.equal(rig.ended, [{ client: CLIENT, status: 14, message: "gone" }]);
    const series = names.indexOf("stm-txn");
    assert.equal(rig.failures, [{ series, status: 14, message: "gone" }]);
    assert.equal(rig.samples, []);
    assert.equal(rig.counts, stepsBefore === 2 ? { attempts: 1 } : {});
    rig.workload.begin(CLIENT, rig.nowNs);
    assert.is(askedRead(rig).revision, "0");
  }
});

test("a step that was not processed is sent again as it was, and counts as one attempt", () => {
  const { rig, keys } = begun("serializable-snapshot");
  const first = txn(rig);
  rig.refuse(CLIENT);
  assert.equal(rig.resent, [CLIENT]);
  assert.equal(txn(rig), first);
  assert.is(comparesOf(first, keys).length, 4);
  commit(rig, true);
  assert.equal(rig.counts, { attempts: 1, commits: 1, increments: 2 });
});

test("a client's octets do not reach another's transaction, although they share a template", () => {
  const { rig, keys } = begun("serializable");
  const before = txn(rig);
  rig.workload.begin(0, rig.nowNs);
  for (const revision of [80, 81]) {
    answerRead(rig, 0, revision, [{ modRevision: 79, value: storedValue(50) }]);
  }
  assert.equal(txn(rig), before);
  rig.refuse(CLIENT);
  assert.equal(txn(rig), before);
  assert.equal(comparesOf(before, keys), ["MOD 0 EQUAL 41", "MOD 1 EQUAL 0"]);
});

test("each phase chooses the same keys in the same order", () => {
  const { rig } = rigOf();
  const chosen = () =>
    Array.from({ length: 5 }, () => {
      rig.workload.begin(CLIENT, rig.nowNs);
      const keys = [read(rig, 50, 0), read(rig, 50, 0)].map(({ key }) => indexOf(key));
      commit(rig, true);
      return keys;
    });
  const first = chosen();
  assert.not.equal(chosen(), first);
  rig.workload.restart(true);
  assert.equal(chosen(), first);
});

test("an operation past its deadline has its call cancelled, and its part has failed", () => {
  const { rig } = begun("serializable");
  rig.workload.cancel(CLIENT, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(rig.cancelled, [CLIENT]);
  assert.equal([rig.ended, rig.samples], [[], []]);
  const message = "no answer within the timeout";
  assert.equal(rig.failures, [{ series: 1, status: Status.DEADLINE_EXCEEDED, message }]);
});

/** Joins the lock's queue at `own`, whose oldest entry was created at `oldest`. */
function enter(rig: StepRig, own: number, oldest: number, isNew = true): void {
  const { compare, success } = txn(rig);
  assert.is(compare[0]!.key.toString(), OWN_LOCK_KEY);
  assert.is(success[0]!.requestPut!.lease, "300");
  const range = (createRevision: number) => ({ responseRange: { kvs: [{ createRevision }] } });
  const first = isNew ? { responsePut: {} } : range(own);
  commit(rig, isNew, [first, range(oldest)], isNew ? own : own + 5);
}

function look(rig: StepRig, own: number, predecessor: string | null): void {
  const request = rig.request<{ maxCreateRevision: string; sortOrder: string; limit: string }>(
    CLIENT,
    "etcdserverpb.RangeRequest",
  );
  assert.is(request.maxCreateRevision, String(own - 1));
  assert.equal([request.sortOrder, request.limit], ["DESCEND", "1"]);
  const kvs = predecessor === null ? [] : [{ key: Buffer.from(predecessor), createRevision: 3 }];
  rig.answer(CLIENT, "etcdserverpb.RangeResponse", { header: { revision: 52 }, kvs });
}

/** The transaction under the lock, and its end. */
function transact(rig: StepRig): void {
  read(rig, 50, 41);
  read(rig, 50, 41);
  commit(rig, true);
  assert.equal(rig.ended, []);
}

function unlock(rig: StepRig): void {
  const { key } = rig.request<{ key: Buffer }>(CLIENT, "etcdserverpb.DeleteRangeRequest");
  assert.is(key.toString(), OWN_LOCK_KEY);
  rig.answer(CLIENT, "etcdserverpb.DeleteRangeResponse", { header: { revision: 60 } });
}

function sampledNames(rig: StepRig, names: string[]): string[] {
  return rig.samples.map(({ series }) => names[series]!);
}

test("lock-client: who created the oldest key holds the lock; lock, transaction, unlock in this order", () => {
  const { rig, names } = rigOf({ locker: "lock-client" });
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 50);
  transact(rig);
  unlock(rig);
  assert.equal(sampledNames(rig, names), ["stm-lock", "stm-txn", "stm-unlock"]);
  assert.equal(rig.ended, [{ client: CLIENT, status: 0, message: "" }]);
});

test("lock-client: who is not the oldest waits for the one before it to go, and looks again", () => {
  const { rig, names } = rigOf({ locker: "lock-client" });
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 40);
  look(rig, 50, OTHER_LOCK_KEY);
  const { createRequest } = rig.request<{ createRequest: { key: Buffer; startRevision: string } }>(
    CLIENT,
    "etcdserverpb.WatchRequest",
  );
  assert.equal([createRequest.key.toString(), createRequest.startRevision], [OTHER_LOCK_KEY, "52"]);
  const header = { revision: 53 };
  rig.answer(CLIENT, "etcdserverpb.WatchResponse", { header, created: true });
  rig.answer(CLIENT, "etcdserverpb.WatchResponse", { header, events: [{ type: "PUT" }] });
  assert.equal(rig.cancelled, []);
  rig.answer(CLIENT, "etcdserverpb.WatchResponse", { header, events: [{ type: "DELETE" }] });
  assert.equal(rig.cancelled, [CLIENT]);
  look(rig, 50, null);
  transact(rig);
  unlock(rig);
  assert.equal(sampledNames(rig, names), ["stm-lock", "stm-txn", "stm-unlock"]);
});

test("lock-client: a client that was cut while it held the lock finds its key and goes on", () => {
  const { rig } = rigOf({ locker: "lock-client" });
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 50);
  rig.workload.cancel(CLIENT, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  rig.workload.begin(CLIENT, rig.nowNs);
  enter(rig, 50, 50, false);
  transact(rig);
  unlock(rig);
  assert.is(rig.ended.length, 1);
});

test("lock-client: a watch that the server cancels or ends fails the lock, once", () => {
  for (const isCancelled of [true, false]) {
    const { rig, names } = rigOf({ locker: "lock-client" });
    rig.workload.begin(CLIENT, rig.nowNs);
    enter(rig, 50, 40);
    look(rig, 50, OTHER_LOCK_KEY);
    if (isCancelled) rig.answer(CLIENT, "etcdserverpb.WatchResponse", { canceled: true });
    else rig.finish(CLIENT, 0, "");
    assert.is(rig.pending.size, 0);
    assert.is(rig.ended.length, 1);
    assert.is.not(rig.ended[0]!.status, 0);
    assert.equal(
      rig.failures.map(({ series }) => names[series]),
      ["stm-lock"],
    );
  }
});

test("lock-rpc: the lock's own key is what is unlocked, again in the next operation", () => {
  const { rig, names } = rigOf({ locker: "lock-rpc" });
  for (let round = 1; round <= 2; round++) {
    rig.workload.begin(CLIENT, rig.nowNs);
    const { name, lease } = rig.request<{ name: Buffer; lease: string }>(
      CLIENT,
      "v3lockpb.LockRequest",
    );
    assert.equal([name.toString(), lease], ["lock", "300"]);
    const key = Buffer.from("lock/12c");
    rig.answer(CLIENT, "v3lockpb.LockResponse", { header: { revision: 50 }, key });
    read(rig, 50, 41);
    read(rig, 50, 41);
    commit(rig, true);
    const unlocked = rig.request<{ key: Buffer }>(CLIENT, "v3lockpb.UnlockRequest");
    assert.is(unlocked.key.toString(), "lock/12c");
    assert.is(rig.ended.length, round - 1);
    rig.answer(CLIENT, "v3lockpb.UnlockResponse", { header: { revision: 61 } });
    assert.is(rig.ended.length, round);
  }
  const parts = ["stm-lock", "stm-txn", "stm-unlock"];
  assert.equal(sampledNames(rig, names), [...parts, ...parts]);
});

test.run();
