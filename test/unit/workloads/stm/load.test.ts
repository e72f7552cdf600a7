/** Transactions of stm, call by call: reads, compares, conflicts and failures. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import type { StmWorkload } from "../../../../src/workloads/stm/schema.ts";
import {
  answerRead,
  askedRead,
  CLIENT,
  commit,
  read,
  rigOf,
  storedValue,
  type Txn,
  txn,
} from "./stm-rig.ts";

function indexOf(key: Buffer): number {
  assert.is(key.subarray(0, 2).toString(), "p/");
  assert.is(key.length, 6);
  return key.readUInt32BE(2);
}

/** The compares as text, each with the place of its key among the keys read. */
function comparesOf({ compare }: Txn, keys: number[]): string[] {
  return compare.map(
    ({ result, target, key, modRevision }) =>
      `${target} ${keys.indexOf(indexOf(key))} ${result} ${modRevision}`,
  );
}

/** Begins a transaction and answers its two reads: a key written at 41, and an absent key. */
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

test("the snapshot compares written keys by age, and all read keys for changes", () => {
  const { rig, keys } = begun("serializable-snapshot", { writePercent: 0 });
  const sent = txn(rig);
  assert.equal(comparesOf(sent, keys), ["MOD 0 EQUAL 41", "MOD 1 EQUAL 0"]);
  assert.equal(sent.success, []);
  commit(rig, true);
  assert.equal(rig.counts, { attempts: 1, commits: 1, increments: 0 });
});

/** How many transactions write how many keys, and the places of those keys in the transaction. */
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

test("the planned share of a transaction's keys is written, at varying places", () => {
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

test("a fractional number of keys to write is reached by a chance of one more key", () => {
  for (const [keysPerTxn, writePercent, least, chance] of [
    [1, 50, 0, 0.5],
    [3, 50, 1, 0.5],
    [4, 30, 1, 0.2],
  ] as const) {
    const { byCount } = writesOf({ keysPerTxn, writePercent }, 1_000);
    assert.equal(Object.keys(byCount), [String(least), String(least + 1)]);
    // Five standard deviations of 1,000 draws are at most 80.
    assert.ok(Math.abs(byCount[least + 1]! - 1_000 * chance) < 80, JSON.stringify(byCount));
  }
});

test("repeatable reads: after a conflict the same keys are read again, and their new revisions compared", () => {
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
  test(`${isolation}: a conflict's response has the next attempt's reads, so it commits without new ones`, () => {
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

test("a failed step fails the operation once, and the next operation reads the newest revision", () => {
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

test("an unprocessed step is sent again unchanged, and counts as one attempt", () => {
  const { rig, keys } = begun("serializable-snapshot");
  const first = txn(rig);
  rig.refuse(CLIENT);
  assert.equal(rig.resent, [CLIENT]);
  assert.equal(txn(rig), first);
  assert.is(comparesOf(first, keys).length, 4);
  commit(rig, true);
  assert.equal(rig.counts, { attempts: 1, commits: 1, increments: 2 });
});

test("clients share a template, but their transactions do not affect each other", () => {
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

test("an operation that times out has its call cancelled, and its current part fails", () => {
  const { rig } = begun("serializable");
  rig.workload.cancel(CLIENT, rig.nowNs, Status.DEADLINE_EXCEEDED, "no answer within the timeout");
  assert.equal(rig.cancelled, [CLIENT]);
  assert.equal([rig.ended, rig.samples], [[], []]);
  const message = "no answer within the timeout";
  assert.equal(rig.failures, [{ series: 1, status: Status.DEADLINE_EXCEEDED, message }]);
});

test.run();
