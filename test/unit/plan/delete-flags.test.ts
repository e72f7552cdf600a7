/** Tests the flags of delete: as many keys as requests, and the notes if there are fewer. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { DeleteWorkload } from "../../../src/workloads/delete/schema.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";

function planned(flags: GivenFlags) {
  const { plan, notes } = planFromFlags({ command: "delete", flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { workload: workloadOf<DeleteWorkload>(plan, "delete"), notes };
}

test("delete without flags has a key for each of its 10,000 requests", () => {
  const { workload, notes } = planned({});
  assert.equal(notes, []);
  const keys = { keySizeBytes: 8, keySpaceSize: 10_000, sequential: true, prefix: "" };
  assert.equal(workload, {
    kind: "delete",
    keys: { ...keys, popularity: "uniform", encoding: "fixed" },
    valSizeBytes: 8,
    valueSize: null,
  });
  assert.is(planned({ total: "77" }).workload.keys.keySpaceSize, 77);
});

test("a note gives the number of deletes without a key, for a duration that there may be some", () => {
  const { notes } = planned({ total: "30", "key-space-size": "10" });
  assert.match(notes.join(), /--total=30 .*--key-space-size=10: 20 deletes find nothing/);
  assert.equal(planned({ total: "10", "key-space-size": "30" }).notes, []);
  assert.match(
    planned({ duration: "1s" }).notes.join(),
    /all 10,000 keys .*further deletes find nothing/,
  );
});

test("a key size too small for one key per request is refused", () => {
  assert.throws(() => planned({ total: "257", "key-size": "1" }), /--key-size=1 is too small/);
});

test.run();
