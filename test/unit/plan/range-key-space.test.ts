/** Tests `--key-space-size` of range: its effect on other flags, and the flags that it excludes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { plannedWrites } from "../../../src/workloads/planned-writes.ts";
import type { RangeWorkload } from "../../../src/workloads/range/schema.ts";
import { keyArguments } from "../../fixtures/arguments.ts";

function planned(flags: GivenFlags, key: string | null = null, end: string | null = null) {
  const { plan, notes } = planFromFlags(
    { command: "range", flags, args: keyArguments(key, end) },
    {},
  );
  assert.equal(runPlanSchema.parse(plan), plan);
  return { plan, notes, workload: plan.workload as RangeWorkload };
}

test("each range reads one drawn key, uniformly, in order or by --popularity", () => {
  const { workload, plan, notes } = planned({ "key-space-size": "100", "val-size": "1KiB..4KiB" });
  assert.equal(workload.keySpace, {
    keySizeBytes: 8,
    keySpaceSize: 100,
    sequential: false,
    popularity: "uniform",
    prefix: "",
    encoding: "fixed",
  });
  assert.equal([workload.key, workload.prefix, workload.limit], [null, false, null]);
  assert.is(workload.valueSize?.kind, "uniform");
  assert.equal(notes, []);
  assert.is(plannedWrites(plan)?.puts, 100);
  const { keySpace } = planned({ "key-space-size": "9", popularity: "latest" }).workload;
  assert.is(keySpace?.popularity, "latest");
  assert.ok(
    planned({ "key-space-size": "9", "sequential-keys": true }).workload.keySpace?.sequential,
  );
});

test("with --limit a range continues from the drawn key, and a sort of one key gives a note", () => {
  assert.is(planned({ "key-space-size": "9", limit: "5" }).workload.limit, 5);
  assert.match(planned({ "key-space-size": "9", sort: "mod" }).notes.join(), /no effect.*one key/);
  assert.equal(planned({ "key-space-size": "9", sort: "mod", limit: "5" }).notes, []);
});

test("with --prefix each range reads all keys, in pages too, and KEY is the prefix of each", () => {
  const flags = { "key-space-size": "100", prefix: true, paginate: true, "key-size": "9" };
  const { workload } = planned(flags, "pods/");
  assert.equal([workload.prefix, workload.fetch], [true, "pages"]);
  assert.equal([workload.keySpace?.prefix, workload.keySpace?.keySizeBytes], ["pods/", 9]);
  assert.is(planned({ "key-space-size": "3", prefix: true }).workload.keySpace?.prefix, "");
});

test("flags that would select no key are refused in one line with the fix", () => {
  for (const [flags, key, end, ...words] of [
    [{ "key-space-size": "5" }, "a", null, "--key-space-size", "KEY"],
    [{ "key-space-size": "5", prefix: true }, "a", "b", "END"],
    [{ popularity: "zipfian" }, null, null, "--popularity", "--key-space-size"],
    [{ "sequential-keys": true }, null, null, "--sequential-keys", "--key-space-size"],
    [{ "key-space-size": "5", prefix: true, popularity: "zipfian" }, null, null, "--popularity"],
    [{ "key-space-size": "5", prefix: true, "sequential-keys": true }, null, null, "--prefix"],
    [{ "key-space-size": "5", paginate: true }, null, null, "--paginate", "--prefix"],
    [{ "key-space-size": "5", stream: true }, null, null, "--stream", "--prefix"],
    [{ "key-space-size": "257", "key-size": "1" }, null, null, "--key-size=2"],
  ] as const) {
    try {
      planned(flags, key, end);
      assert.unreachable(JSON.stringify(flags));
    } catch (error) {
      assert.instance(error, BenchError, JSON.stringify(flags));
      const { message } = error as BenchError;
      assert.not.match(message, /\n/);
      for (const word of words) assert.ok(message.includes(word), message);
    }
  }
});

test("an older plan of a range without a key space has none", () => {
  const { plan } = planned({}, "a");
  const old = structuredClone(plan) as { workload: Record<string, unknown> };
  delete old.workload.keySpace;
  delete old.workload.valueSize;
  assert.equal(runPlanSchema.parse(old), plan);
});

test.run();
