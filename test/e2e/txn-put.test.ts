/** Runs `bench txn-put` on a real etcd, and checks its revisions and keys. */
import * as assert from "uvu/assert";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";

onEachEtcd("txn-put", { isCleared: true }, (test, etcd) => {
  test("each transaction is one revision, and each of its puts is one version of a key", async () => {
    const before = await readStored(etcd.endpoint);
    const { code, result, stderr } = await measure([
      "txn-put",
      `--endpoints=${etcd.endpoint}`,
      ...["--txn-ops=16", "--key-space-size=500", "--total=1001", "--val-size=20"],
      ...["--conns=3", "--clients=7", "--workers=2"],
    ]);
    assert.is(code, 0, stderr);
    const { name, requests } = onlyOperation(result);
    assert.is(name, "txn-put");
    assert.equal([requests.offered, requests.succeeded], [1_001, 1_001]);
    const after = await readStored(etcd.endpoint);
    assert.is(after.revision, before.revision + 1_001);
    assert.is(after.keys.length, 500);
    for (const [index, { key, value, version: puts }] of after.keys.entries()) {
      assert.is(key.readUInt32BE(4), index);
      assert.is(value.length, 20);
      // 16,016 puts in order over 500 keys: 16 keys get one more put.
      assert.is(puts, index < 16 ? 33 : 32, `key ${index}`);
    }
  });

  test("over grpc-js the same flags leave the same keys", async () => {
    const flags = [
      "--txn-ops=3",
      "--key-space-size=50",
      "--total=40",
      "--clients=4",
      "--prefix=t/",
    ];
    const stored: unknown[] = [];
    for (const transport of ["wire", "grpc-js"]) {
      await deleteStored(etcd.endpoint);
      const args = [`--endpoints=${etcd.endpoint}`, ...flags, `--transport=${transport}`];
      const { code, stderr } = await measure(["txn-put", ...args]);
      assert.is(code, 0, stderr);
      stored.push((await readStored(etcd.endpoint)).keys);
    }
    assert.equal(stored[0], stored[1]);
  });

  test("more operations than etcd allows fail with a code, and a note names etcd's flag", async () => {
    const { code, result, stderr } = await measure([
      "txn-put",
      `--endpoints=${etcd.endpoint}`,
      ...["--txn-ops=129", "--key-space-size=200", "--total=5"],
    ]);
    assert.is(code, 1, stderr);
    const { requests, errors } = onlyOperation(result);
    assert.equal([requests.failed, requests.succeeded], [5, 0]);
    assert.equal(
      errors.map(({ code: name }) => name),
      ["INVALID_ARGUMENT"],
    );
    assert.match(stderr, /note: --txn-ops=129 .*--max-txn-ops/);
  });

  test("the table shows the transactions and their operations", async () => {
    const flags = ["--txn-ops=2", "--key-space-size=10", "--total=50", "--no-progress"];
    const { code, stdout } = await bench(["txn-put", `--endpoints=${etcd.endpoint}`, ...flags]);
    assert.is(code, 0);
    assert.match(stdout, /^txn-put of 2 puts, key 8 B, value 8 B, 1 connection/m);
    assert.match(stdout, /^All 50 offered were sent and succeeded in /m);
  });
});
