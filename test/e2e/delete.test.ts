/** Runs `bench delete` on a real etcd, and checks its keys and revisions. */
import * as assert from "uvu/assert";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";

onEachEtcd("delete", { isCleared: true }, (test, etcd) => {
  for (const transport of ["wire", "grpc-js"]) {
    test(`over ${transport} every key is put and deleted once, and figures contain only deletes`, async () => {
      const before = await readStored(etcd.endpoint);
      const shape = ["--conns=3", "--clients=7", "--workers=2", `--transport=${transport}`];
      // The warm-up deletes none of the measured keys, because they are put after it.
      const flags = ["--total=1001", "--warmup=50", ...shape];
      const { code, result, stderr } = await measure([
        "delete",
        `--endpoints=${etcd.endpoint}`,
        ...flags,
      ]);
      assert.is(code, 0, stderr);
      const { name, requests, counters } = onlyOperation(result);
      assert.is(name, "delete");
      assert.is(requests.succeeded, 1_001);
      assert.equal(counters, { deleted: 1_001 });
      assert.ok(
        result.notes.some((note) => note.includes("1,001 puts made the keys of the run ready")),
      );
      const after = await readStored(etcd.endpoint);
      // A revision for each put and each delete that finds its key; the warm-up found none.
      assert.is(after.revision, before.revision + 2_002);
      assert.is(after.keys.length, 0);
    });
  }

  test("fewer deletes than keys leave the last keys", async () => {
    const flags = ["--total=30", "--key-space-size=100", "--val-size=20", "--prefix=d/"];
    const { result } = await measure(["delete", `--endpoints=${etcd.endpoint}`, ...flags]);
    assert.equal(onlyOperation(result).counters, { deleted: 30 });
    const { keys } = await readStored(etcd.endpoint);
    assert.is(keys.length, 70);
    for (const [at, { key, value }] of keys.entries()) {
      assert.is(key.subarray(0, 2).toString(), "d/");
      assert.equal([key.readUInt16BE(6), value.length], [30 + at, 20]);
    }
  });

  test("deletes beyond the key space succeed without a key, and notes and table show this", async () => {
    const args = [`--endpoints=${etcd.endpoint}`, "--total=300", "--key-space-size=100"];
    const { code, stdout, stderr } = await bench(["delete", ...args]);
    assert.is(code, 0, stderr);
    assert.match(stderr, /note: --total=300 .*200 deletes find nothing/);
    assert.match(stdout, /^delete of 100 keys, key 8 B, value 8 B/m);
    assert.match(stdout, /\ndelete +deleted +100\n/);
    assert.match(stdout, /^All 300 offered were sent and succeeded in /m);
  });
});
