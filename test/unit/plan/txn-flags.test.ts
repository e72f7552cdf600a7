/** Tests the flags of transactions: upstream's defaults, and what is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { keyArguments } from "../../fixtures/arguments.ts";
import { refuses } from "../../harness/refusal.ts";

function txnPut(flags: GivenFlags = {}) {
  const planned = planFromFlags({ command: "txn-put", flags }, {});
  assert.equal(runPlanSchema.parse(planned.plan), planned.plan);
  return planned;
}

function txnMixed(flags: GivenFlags = {}, key: string | null = null, end: string | null = null) {
  const planned = planFromFlags({ command: "txn-mixed", flags, args: keyArguments(key, end) }, {});
  assert.equal(runPlanSchema.parse(planned.plan), planned.plan);
  return planned;
}

test("txn-put without flags is as upstream: one put, one key, keys in order, 10,000 times", () => {
  const { plan, notes } = txnPut();
  assert.equal(notes, []);
  assert.is(plan.limits.totalRequests, 10_000);
  assert.equal(plan.workload, {
    kind: "txn-put",
    keys: {
      keySizeBytes: 8,
      keySpaceSize: 1,
      sequential: true,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    },
    valSizeBytes: 8,
    valueSize: null,
    txnOps: 1,
  });
});

test("txn-put reads sizes, operations, prefix and encoding", () => {
  const { plan } = txnPut({
    "key-size": "16",
    "val-size": "1KiB",
    "txn-ops": "64",
    "key-space-size": "10k",
    prefix: "/a/",
    "key-encoding": "varint",
  });
  assert.equal(plan.workload, {
    kind: "txn-put",
    keys: {
      keySizeBytes: 16,
      keySpaceSize: 10_000,
      sequential: true,
      popularity: "uniform",
      prefix: "/a/",
      encoding: "varint",
    },
    valSizeBytes: 1024,
    valueSize: null,
    txnOps: 64,
  });
});

test("more --txn-ops than keys give an error that names both flags", () => {
  refuses(() => txnPut({ "txn-ops": "2" }), "--txn-ops=2", "--key-space-size=1");
  refuses(
    () => txnPut({ "txn-ops": "11", "key-space-size": "10" }),
    "--txn-ops=11",
    "--key-space-size=10",
  );
  txnPut({ "txn-ops": "10", "key-space-size": "10" });
});

test("bad --txn-ops are refused, and more than etcd's default limit give a note", () => {
  for (const bad of ["0", "-1", "1.5", "x", "1M"]) {
    refuses(() => txnPut({ "txn-ops": bad, "key-space-size": "10M" }), "--txn-ops");
  }
  const { notes } = txnPut({ "txn-ops": "129", "key-space-size": "1k" });
  assert.match(notes.join("\n"), /--txn-ops=129 .*128.*--max-txn-ops/);
});

test("a key that cannot hold the key space is refused", () => {
  refuses(() => txnPut({ "key-size": "1", "key-space-size": "257" }), "--key-size", "--key-space");
});

test("txn-mixed without flags is as upstream: as many ranges as puts, at most 1,000 keys", () => {
  const { plan, notes } = txnMixed();
  assert.equal(notes, []);
  assert.equal(plan.workload, {
    kind: "txn-mixed",
    keys: {
      keySizeBytes: 8,
      keySpaceSize: 1,
      sequential: true,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    },
    valSizeBytes: 8,
    valueSize: null,
    key: null,
    end: null,
    limit: 1_000,
    consistency: "linearizable",
    rwRatio: 1,
  });
});

test("txn-mixed reads key and end from arguments, and the end from --end-key too", () => {
  for (const [flags, key, end, expected] of [
    [{}, "a", "b", ["a", "b"]],
    [{ "end-key": "c" }, "a", null, ["a", "c"]],
    [{ "end-key": "c" }, null, null, [null, "c"]],
    [{ "end-key": "b" }, "a", "b", ["a", "b"]],
    [{ "end-key": "" }, "a", null, ["a", null]],
    [{}, "a", "", ["a", null]],
    [{ "end-key": "b" }, "a", "", ["a", "b"]],
    [{}, "", null, ["", null]],
    [{ "end-key": "b" }, "", null, ["", "b"]],
  ] as const) {
    const { workload } = txnMixed(flags, key, end).plan;
    assert.ok(workload.kind === "txn-mixed");
    assert.equal([workload.key, workload.end], expected);
  }
  refuses(() => txnMixed({ "end-key": "c" }, "a", "b"), "--end-key=c", '"b"');
  assert.match(txnMixed({}, "b", "a").notes.join(), /"a" does not come after the key "b"/);
});

test("--rw-ratio may be a fraction, not below zero; --limit=0 is all keys", () => {
  for (const [text, ratio] of [
    ["0", 0],
    ["0.125", 0.125],
    [".5", 0.5],
    ["128", 128],
    ["1e-3", 0.001],
  ] as const) {
    const { workload } = txnMixed({ "rw-ratio": text, limit: "0" }).plan;
    assert.ok(workload.kind === "txn-mixed");
    assert.equal([workload.rwRatio, workload.limit], [ratio, null]);
  }
  for (const bad of ["-1", "x", "", "1/2", "Infinity", "1e10"]) {
    refuses(() => txnMixed({ "rw-ratio": bad }), "--rw-ratio");
  }
});

test("txn-mixed measures one consistency", () => {
  const { workload } = txnMixed({ consistency: "s" }).plan;
  assert.ok(workload.kind === "txn-mixed" && workload.consistency === "serializable");
  refuses(() => txnMixed({ consistency: "l,s" }), "--consistency", "range");
});

test.run();
