/** The keys whose permissions are checked before a run, by workload. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planFromFlags, workloadNamed } from "../../../../src/workloads/catalogue.ts";

type Command = "put" | "mixed" | "stm" | "lock" | "election" | "lease-grant";

async function keysOf(command: Command, flags: Record<string, string | boolean> = {}) {
  const { workload } = planFromFlags({ command, flags }, {}).plan;
  const preparation = await workloadNamed(workload.kind).preparation();
  const { written, read } = preparation.keysToCheck!(workload);
  const text = (key: Buffer) => key.toString("latin1");
  return { written: written.map(text), read: read.map(text) };
}

test("a key space is checked at its first and last key", async () => {
  const first = "\0".repeat(8);
  assert.equal(await keysOf("put"), { written: [first], read: [] });
  const { written, read } = await keysOf("mixed", { "key-space-size": "300" });
  assert.is(written[0], first);
  assert.is(written.length, 2);
  assert.equal(read, written);
});

test("stm, lock, election and lease-grant are checked at keys under their prefix", async () => {
  const stm = await keysOf("stm", { prefix: "s/", keys: "258", "stm-locker": "lock-rpc" });
  const both = ["s/\0\0\0\0", "s/\0\0\x01\x01"];
  assert.equal(stm, { written: [...both, "s/lock/"], read: both });
  for (const command of ["lock", "election"] as const) {
    assert.equal(await keysOf(command, { prefix: "l/" }), {
      written: ["l/0/0/"],
      read: ["l/0/0/"],
    });
  }
  const leases = await keysOf("lease-grant", { prefix: "g/", "keys-per-lease": "2" });
  assert.equal(leases, { written: [`g/${"\0".repeat(8)}`], read: [] });
  assert.equal(await keysOf("lease-grant", { "keys-per-lease": "0" }), { written: [], read: [] });
});

test.run();
