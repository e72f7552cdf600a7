/** Tests `--popularity` in the commands that draw keys. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { type Invocation, planFromFlags } from "../../../src/workloads/catalogue.ts";

function keysOf(invocation: Invocation) {
  const { plan } = planFromFlags(invocation, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  assert.ok("keys" in plan.workload);
  return plan.workload.keys as { sequential: boolean; popularity: string };
}

test("put draws its keys uniformly unless --popularity sets another", () => {
  assert.is(keysOf({ command: "put", flags: {} }).popularity, "uniform");
  for (const popularity of ["uniform", "zipfian", "latest"]) {
    assert.is(keysOf({ command: "put", flags: { popularity } }).popularity, popularity);
    assert.is(keysOf({ command: "mixed", flags: { popularity } }).popularity, popularity);
  }
});

test("txn-mixed puts keys in order, as upstream, unless --popularity is given", () => {
  const txnMixed = { command: "txn-mixed" };
  assert.ok(keysOf({ ...txnMixed, flags: {} }).sequential);
  const drawn = keysOf({ ...txnMixed, flags: { popularity: "latest" } });
  assert.equal([drawn.sequential, drawn.popularity], [false, "latest"]);
});

test("an unknown popularity, or one with sequential keys, gives an error that names the flags", () => {
  for (const [flags, ...words] of [
    [{ popularity: "hot" }, '--popularity: "hot"', "uniform, zipfian, latest"],
    [{ popularity: "zipfian", "sequential-keys": true }, "--sequential-keys", "--popularity"],
  ] as const) {
    try {
      planFromFlags({ command: "put", flags }, {});
      assert.unreachable();
    } catch (error) {
      assert.instance(error, BenchError);
      for (const word of words) assert.ok((error as BenchError).message.includes(word), word);
    }
  }
});

test("an older plan without a popularity draws uniformly", () => {
  const { plan } = planFromFlags({ command: "put", flags: {} }, {});
  const old = structuredClone(plan) as { workload: { keys: { popularity?: string } } };
  delete old.workload.keys.popularity;
  assert.equal(runPlanSchema.parse(old), plan);
});

test.run();
