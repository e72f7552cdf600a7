/** The flags of mixed: how a mix is read, what is refused, and what it will write. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { planFromFlags } from "../../../src/plan/from-flags.ts";
import type { PlanFlags } from "../../../src/plan/plan-flags.ts";
import { runPlanSchema } from "../../../src/plan/schema.ts";
import { plannedWrites } from "../../../src/plan/written-bytes.ts";

function planned(flags: PlanFlags = {}) {
  const { plan, notes } = planFromFlags({ command: "mixed", flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  assert.ok(plan.workload.kind === "mixed");
  return { plan, workload: plan.workload, notes };
}

function mixOf(mix: string): [operation: string, weight: number][] {
  return planned({ mix }).workload.mix.map(({ operation, weight }) => [operation, weight]);
}

function refuses(flags: PlanFlags, ...words: string[]): void {
  assert.throws(
    () => planned(flags),
    (error: unknown) => {
      assert.instance(error, BenchError);
      const { message, exitCode } = error as BenchError;
      assert.is(exitCode, 2);
      assert.not.match(message, /\n/);
      for (const word of words) assert.ok(message.includes(word), `"${message}" has "${word}"`);
      return true;
    },
  );
}

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
  });
});

test("a mix has its operations in the order given, with weights of any size", () => {
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

test("the YCSB names that are offered stand for their shares, the others say why not", () => {
  assert.equal(mixOf("ycsb-a"), mixOf("put=50,range=50"));
  assert.equal(mixOf("ycsb-b"), mixOf("put=5,range=95"));
  assert.equal(mixOf("YCSB-C"), mixOf("range=100"));
  refuses({ mix: "ycsb-d" }, "--mix", "inserted last", "ycsb-a, ycsb-b, ycsb-c");
  refuses({ mix: "ycsb-e" }, "--mix", "scans");
  refuses({ mix: "ycsb-f" }, "--mix", "modifies");
});

test("unknown operations, twice the same and weights that are none are refused with the mend", () => {
  const mend = "e.g. --mix=put=20,range=70,delete=10";
  for (const mix of ["", ",", "get=1", "put=1,", "put=1;range=2", "Put=1", "ycsb-a,put=1"]) {
    refuses({ mix }, "--mix", mend);
  }
  refuses({ mix: "get=1,put=1" }, '"get"', "put, range, delete, txn-put", mend);
  refuses({ mix: "put=1,range=2,put=3" }, "--mix: put stands twice", mend);
  for (const weight of ["", "0", "-1", "+1", "x", "NaN", "Infinity", "1e3", "1=2", "1000000001"]) {
    refuses({ mix: `range=1,put=${weight}` }, "--mix", "weight above 0", mend);
  }
  refuses({ mix: "put" }, "--mix", '"put"', "weight above 0", mend);
});

test("flags of operations that are not in the mix are noted, and of those that are read", () => {
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

test("a mix writes its key space once, and then by the weights of what puts", () => {
  const puts = (mix: string) =>
    plannedWrites(planned({ mix, total: "1000", "txn-ops": "10" }).plan)?.puts;
  assert.is(puts("range=1"), 1_000);
  assert.is(puts("put=20,range=70,delete=10"), 1_200);
  assert.is(puts("put=1,range=2,txn-put=1"), 1_000 + 250 + 2_500);
});

test.run();
