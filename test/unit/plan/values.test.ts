/** Tests --val-size: a size, a range or a lognormal distribution, in every command with values. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Values } from "../../../src/plan/value-size.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";

function planned(command: string, flags: Record<string, string>) {
  const invocation = { command, flags };
  return planFromFlags(invocation, {});
}

function valuesOf(command: string, valSize: string, more: Record<string, string> = {}) {
  const { plan, notes } = planned(command, { "val-size": valSize, ...more });
  const { valSizeBytes, valueSize } = plan.workload as unknown as Values;
  return { valSizeBytes, valueSize, notes };
}

const COMMANDS = ["put", "txn-put", "txn-mixed", "mixed", "delete", "stm", "lease-grant", "watch"];

test("every workload with values accepts one size, a range of sizes and a lognormal distribution", () => {
  for (const command of [...COMMANDS, "watch-latency"]) {
    assert.equal(valuesOf(command, "1KiB").valueSize, null, command);
    assert.is(valuesOf(command, "1KiB").valSizeBytes, 1024);
    const range = valuesOf(command, "1KiB..64KiB");
    assert.equal(range.valueSize, { kind: "uniform", minBytes: 1024, maxBytes: 65_536 }, command);
    assert.is(range.valSizeBytes, 33_280);
    const { valueSize, valSizeBytes } = valuesOf(command, "lognormal:4KiB,0.5");
    if (valueSize?.kind !== "lognormal") throw new Error(`${command} has ${valueSize?.kind}`);
    assert.equal([valueSize.medianBytes, valueSize.sigma], [4096, 0.5]);
    // exp(0.5^2 / 2) times the median.
    assert.ok(Math.abs(valSizeBytes - 4096 * Math.exp(0.125)) <= 1, `${valSizeBytes}`);
  }
});

test("lognormal sizes end at etcd's request limit, and a note gives the share of cut values", () => {
  const { valueSize, notes } = valuesOf("put", "lognormal:4KiB,1.5", { "key-size": "100" });
  assert.is(valueSize?.maxBytes, 1.5 * 2 ** 20 - 512 - 32 - 100);
  assert.ok(
    notes.some((note) => /no value is larger than 1572220 bytes.*less than 0\.01%/.test(note)),
    notes.join("\n"),
  );
  const txn = valuesOf("txn-put", "lognormal:4KiB,1", { "txn-ops": "64", "key-space-size": "64" });
  const maxBytes = Math.floor((1.5 * 2 ** 20 - 512) / 64) - 32 - 8;
  assert.is(txn.valueSize?.maxBytes, maxBytes);
  // 1 - Phi(ln(24528 / 4096)) is 3.7%.
  assert.ok(
    txn.notes.some((note) => /\(3\.7% of the values/.test(note)),
    txn.notes.join("\n"),
  );
});

test("a range above etcd's request limit gives a note, also for the sum of a transaction", () => {
  assert.match(valuesOf("put", "1KiB..2MiB").notes.join(), /above etcd's default limit/);
  const txn = { "txn-ops": "4", "key-space-size": "4" };
  assert.match(valuesOf("txn-put", "1KiB..1MiB", txn).notes.join(), /in transactions of 4 puts/);
  assert.equal(valuesOf("put", "1KiB..1MiB").notes, []);
});

test("the bytes that an event or a counter needs are the lower bound of sizes", () => {
  assert.throws(() => valuesOf("watch", "1..100"), /starts below the 8 bytes .* give 8\.\.100/);
  assert.throws(() => valuesOf("stm", "0..100"), /starts below the 6 bytes .* give 6\.\.100/);
  assert.is(valuesOf("watch", "lognormal:16,2").valueSize?.minBytes, 8);
  assert.is(valuesOf("stm", "lognormal:16,2").valueSize?.minBytes, 6);
  assert.is(valuesOf("stm", "2").valSizeBytes, 2);
});

test("an invalid size gives an error of one line that begins with the flag", () => {
  for (const text of [
    "64..8",
    "8..8",
    "..8",
    "8..",
    "8..16..32",
    "1..1e9",
    "lognormal:4KiB",
    "lognormal:4KiB,0",
    "lognormal:4KiB,9",
    "lognormal:4KiB,1,1",
    "lognormal:0,1",
    "lognormal:,1",
    "normal:4KiB,1",
    "lognormal:2MiB,1",
    "",
    "-1",
  ]) {
    assert.throws(
      () => valuesOf("put", text),
      (error: Error) => {
        assert.match(error.message, /^--val-size/, text);
        assert.not.match(error.message, /\n|NaN|undefined/, text);
        return true;
      },
      text,
    );
  }
});

test("an older plan without distributions loads, and has values of one size", () => {
  const { plan } = planned("put", { "val-size": "256" });
  const { valueSize, ...older } = plan.workload as Values & Record<string, unknown>;
  assert.is(valueSize, null);
  const { workload } = runPlanSchema.parse({ ...plan, workload: older });
  assert.equal(workload, plan.workload);
  const drawn = planned("put", { "val-size": "1..9" }).plan;
  assert.equal(runPlanSchema.parse(JSON.parse(JSON.stringify(drawn))), drawn);
});

test.run();
