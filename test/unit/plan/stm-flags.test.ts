/** Tests the flags of stm: upstream's defaults and letters, and errors in one line. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { StmWorkload } from "../../../src/workloads/stm/schema.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";

function planned(flags: GivenFlags): { workload: StmWorkload; notes: string[] } {
  const { plan, notes } = planFromFlags({ command: "stm", flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { workload: workloadOf<StmWorkload>(plan, "stm"), notes };
}

test("stm without flags is as upstream: one key, repeatable reads, half the keys written, no lock", () => {
  assert.equal(planned({}), {
    workload: {
      kind: "stm",
      isolation: "repeatable-reads",
      keySpaceSize: 1,
      keysPerTxn: 1,
      writePercent: 50,
      locker: "stm",
      valSizeBytes: 8,
      valueSize: null,
      prefix: "bench-stm/",
    },
    notes: [],
  });
});

test("upstream's letters select the isolations of etcd's concurrency package", () => {
  for (const [letter, isolation] of [
    ["c", "read-committed"],
    ["r", "repeatable-reads"],
    ["s", "serializable"],
    ["ss", "serializable-snapshot"],
  ] as const) {
    assert.is(planned({ isolation: letter }).workload.isolation, isolation);
  }
  assert.throws(() => planned({ isolation: "rr" }), /--isolation: "rr" is not one of c, r, s, ss/);
});

test("each other flag sets its field", () => {
  const { workload } = planned({
    keys: "10k",
    "keys-per-txn": "4",
    "txn-wr-percent": "0",
    "stm-locker": "lock-rpc",
    "val-size": "64",
    prefix: "q/",
  });
  const { keySpaceSize, keysPerTxn, writePercent, locker, valSizeBytes, prefix } = workload;
  assert.equal(
    [keySpaceSize, keysPerTxn, writePercent, locker, valSizeBytes, prefix],
    [10_000, 4, 0, "lock-rpc", 64, "q/"],
  );
});

test("a transaction reads distinct keys, so more keys than --keys are refused", () => {
  assert.throws(
    () => planned({ keys: "3", "keys-per-txn": "4" }),
    /--keys-per-txn=4 is more than --keys=3: give --keys=4 or more/,
  );
  assert.is(planned({ keys: "4", "keys-per-txn": "4" }).workload.keysPerTxn, 4);
});

test("invalid percentages, counts and lockers are refused", () => {
  assert.throws(() => planned({ "txn-wr-percent": "101" }), /--txn-wr-percent: "101"/);
  assert.throws(() => planned({ keys: "0" }), /--keys: "0"/);
  assert.throws(() => planned({ "stm-locker": "rpc" }), /--stm-locker: "rpc" is not one of stm, /);
});

test.run();
