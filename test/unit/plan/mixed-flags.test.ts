/** Tests the flags of mixed: how a mix is read, what is refused, and how much it writes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { MixedWorkload } from "../../../src/workloads/mixed/schema.ts";
import { plannedWrites } from "../../../src/workloads/planned-writes.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { refuses as refusesAct } from "../../harness/refusal.ts";

function planned(flags: GivenFlags = {}) {
  const { plan, notes } = planFromFlags({ command: "mixed", flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { plan, workload: workloadOf<MixedWorkload>(plan, "mixed"), notes };
}

function mixOf(mix: string): [operation: string, weight: number][] {
  return planned({ mix }).workload.mix.map(({ operation, weight }) => [operation, weight]);
}

const refuses = (flags: GivenFlags, ...words: string[]) =>
  refusesAct(() => planned(flags), ...words);

test("mixed without flags puts, reads and deletes 1,000 keys at random, linearizably", () => {
  const { workload, notes } = planned();
  assert.equal(notes, []);
  assert.equal(workload, {
    kind: "mixed",
    keys: {
      keySizeBytes: 8,
      keySpaceSize: 1_000,
      sequential: false,
      prefix: "",
      popularity: "uniform",
      encoding: "fixed",
    },
    valSizeBytes: 8,
    valueSize: null,
    mix: [
      { operation: "put", weight: 20 },
      { operation: "range", weight: 70 },
      { operation: "delete", weight: 10 },
    ],
    consistency: "linearizable",
    txnOps: 1,
    scanLength: 100,
    leaseGrant: null,
  });
});

test("a mix has its operations in the given order, with weights of any size", () => {
  assert.equal(mixOf("range=0.5,txn-put=3"), [
    ["range", 0.5],
    ["txn-put", 3],
  ]);
  assert.equal(mixOf(" delete = 1 , put=.25"), [
    ["delete", 1],
    ["put", 0.25],
  ]);
  assert.equal(mixOf("range=100"), [["range", 100]]);
});

test("a YCSB name sets its shares and its popularity of keys, which --popularity overrides", () => {
  for (const [name, mix, popularity] of [
    ["ycsb-a", "put=50,range=50", "zipfian"],
    ["ycsb-b", "put=5,range=95", "zipfian"],
    ["YCSB-C", "range=100", "zipfian"],
    ["ycsb-d", "insert=5,range=95", "latest"],
    ["ycsb-e", "insert=5,scan=95", "zipfian"],
    ["ycsb-f", "rmw=50,range=50", "zipfian"],
  ] as const) {
    assert.equal(mixOf(name), mixOf(mix));
    assert.is(planned({ mix: name }).workload.keys.popularity, popularity);
    assert.is(planned({ mix }).workload.keys.popularity, "uniform");
    const evenly = planned({ mix: name, popularity: "uniform" }).workload;
    assert.is(evenly.keys.popularity, "uniform");
  }
});

test("the inserted keys of the whole run must fit after the key space", () => {
  const tight = { mix: "insert=1", "key-size": "2", "key-space-size": "65000", clients: "10" };
  assert.is(planned({ ...tight, total: "500" }).workload.keys.keySpaceSize, 65_000);
  refuses({ ...tight, total: "517" }, "--key-size=3", "inserts");
  refuses({ ...tight, total: "500", warmup: "20" }, "--key-size=3");
  refuses({ ...tight, duration: "5s" }, "--key-size=4");
  planned({ ...tight, mix: "put=1", duration: "5s" });
});

test("with latest and inserts of several workers, a note says that each worker reads its own", () => {
  const workers = { workers: "2", clients: "2", conns: "2" };
  assert.match(planned({ mix: "ycsb-d", ...workers }).notes.join(), /each worker knows its own/);
  assert.equal(planned({ mix: "ycsb-d" }).notes, []);
  assert.equal(planned({ mix: "ycsb-e", ...workers }).notes, []);
});

test("the keys of a mix's lease-grant have their own prefix", () => {
  const { workload } = planned({ mix: "lease-grant=1,put=1", prefix: "p/", ttl: "5s" });
  assert.equal(
    [workload.leaseGrant?.prefix, workload.leaseGrant?.ttlSeconds, workload.leaseGrant?.expire],
    ["p/bench-lease/", 5, false],
  );
});

test("an older mixed plan without scans and leases gets the defaults", () => {
  const { plan } = planned({ mix: "put=1" });
  const old = structuredClone(plan) as { workload: Record<string, unknown> };
  delete old.workload.scanLength;
  delete old.workload.leaseGrant;
  assert.equal(runPlanSchema.parse(old), plan);
});

test("unknown and repeated operations and invalid weights are refused with the fix", () => {
  const fix = "e.g. --mix=put=20,range=70,delete=10";
  for (const mix of ["", ",", "get=1", "put=1,", "put=1;range=2", "Put=1", "ycsb-a,put=1"]) {
    refuses({ mix }, "--mix", fix);
  }
  refuses(
    { mix: "get=1,put=1" },
    '"get"',
    "put, insert, range, scan, rmw, delete, txn-put, lease-grant",
    fix,
  );
  refuses({ mix: "put=1,range=2,put=3" }, "--mix: put is named twice", fix);
  for (const weight of ["", "0", "-1", "+1", "x", "NaN", "Infinity", "1e3", "1=2", "1000000001"]) {
    refuses({ mix: `range=1,put=${weight}` }, "--mix", "weight above 0", fix);
  }
  refuses({ mix: "put" }, "--mix", '"put"', "weight above 0", fix);
});

test("flags of operations in the mix are read, and flags of others give a note", () => {
  const without = planned({ mix: "put=1", consistency: "s", "txn-ops": "5" });
  assert.match(
    without.notes.join("\n"),
    /--consistency has no effect.*\n.*--txn-ops has no effect/,
  );
  assert.is(without.workload.txnOps, 1);
  const having = planned({ mix: "range=1,txn-put=1", consistency: "s", "txn-ops": "5" });
  assert.equal(having.notes, []);
  assert.is(having.workload.consistency, "serializable");
  assert.is(having.workload.txnOps, 5);
  refuses({ mix: "txn-put=1", "txn-ops": "5", "key-space-size": "4" }, "--key-space-size=5");
  refuses({ consistency: "l,s" }, "--consistency=l,s");
  refuses({ "key-size": "1" }, "--key-space-size", "--key-size=1");
});

test("a mix writes its key space once, and then by the weights of its writing operations", () => {
  const puts = (mix: string) =>
    plannedWrites(planned({ mix, total: "1000", "txn-ops": "10" }).plan)?.puts;
  assert.is(puts("range=1"), 1_000);
  assert.is(puts("put=20,range=70,delete=10"), 1_200);
  assert.is(puts("put=1,range=2,txn-put=1"), 1_000 + 250 + 2_500);
  assert.is(puts("insert=1,scan=3"), 1_000 + 250);
  assert.is(puts("rmw=1,lease-grant=1"), 1_000 + 500 + 500);
});

test.run();
