/** The keys that etcd is asked about before a run, by workload. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keysToCheck } from "../../../../src/run/prepare/keys-to-check.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";

type Command = "put" | "mixed" | "stm" | "lock" | "election" | "lease-grant";

function keysOf(command: Command, flags: Record<string, string | boolean> = {}) {
  const { written, read } = keysToCheck(planFromFlags({ command, flags }, {}).plan.workload);
  const text = (key: Buffer) => key.toString("latin1");
  return { written: written.map(text), read: read.map(text) };
}

test("a key space is asked for by its first and last key", () => {
  const first = "\0".repeat(8);
  assert.equal(keysOf("put"), { written: [first], read: [] });
  const { written, read } = keysOf("mixed", { "key-space-size": "300" });
  assert.is(written[0], first);
  assert.is(written.length, 2);
  assert.equal(read, written);
});

test("stm, lock, election and lease-grant are asked for by keys under their prefix", () => {
  const stm = keysOf("stm", { prefix: "s/", keys: "258", "stm-locker": "lock-rpc" });
  const both = ["s/\0\0\0\0", "s/\0\0\x01\x01"];
  assert.equal(stm, { written: [...both, "s/lock/"], read: both });
  for (const command of ["lock", "election"] as const) {
    assert.equal(keysOf(command, { prefix: "l/" }), { written: ["l/0/0/"], read: ["l/0/0/"] });
  }
  const leases = keysOf("lease-grant", { prefix: "g/", "keys-per-lease": "2" });
  assert.equal(leases, { written: [`g/${"\0".repeat(8)}`], read: [] });
  assert.equal(keysOf("lease-grant", { "keys-per-lease": "0" }), { written: [], read: [] });
});

test.run();
