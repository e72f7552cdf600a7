/** Runs `bench stm` on a real etcd: counters in the keys show every lost update. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";
import { isWholeRun } from "../harness/whole-run.ts";

let cluster: LocalCluster;
let endpoint: string;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(() => cluster?.down());

async function counterSum(): Promise<number> {
  const { keys } = await readStored(endpoint);
  return keys.reduce((sum, { value }) => sum + value.readUIntBE(0, 6), 0);
}

const TOTAL = 151;
const SHAPE = [`--total=${TOTAL}`, "--clients=8", "--conns=3", "--workers=2", "--keys=3"];

test("under contention the sum of all counters equals the commits, when isolation prevents lost updates", async () => {
  for (const flags of [
    ["--isolation=r"],
    ["--isolation=s", "--stm-locker=stm"],
    ["--isolation=ss"],
    ["--isolation=r", "--transport=grpc-js"],
    ["--isolation=c", "--stm-locker=lock-client"],
    ["--isolation=c", "--stm-locker=lock-rpc"],
  ]) {
    await deleteStored(endpoint);
    const { code, result, stderr } = await measure([
      "stm",
      `--endpoints=${endpoint}`,
      ...SHAPE,
      "--txn-wr-percent=100",
      "--timeout=30s",
      "--keep-slowest=2",
      ...flags,
    ]);
    assert.is(code, 0, stderr);
    const { requests, counters } = result.operations[0]!;
    const shown = `${flags.join(" ")} ${JSON.stringify(counters)}`;
    assert.is(requests.succeeded, TOTAL, shown);
    assert.equal([counters.commits, counters.increments], [TOTAL, TOTAL], shown);
    assert.is(counters.attempts, TOTAL + (counters.conflicts ?? 0), shown);
    const isLocked = flags.some((flag) => flag.includes("lock-"));
    assert.is((counters.conflicts ?? 0) > 0, !isLocked, shown);
    assert.equal(
      result.operations.map(({ name }) => name),
      isLocked ? ["stm", "stm-txn", "stm-lock", "stm-unlock"] : ["stm", "stm-txn"],
    );
    for (const { name, slowest } of result.operations) {
      if (!/^stm(-txn)?$/.test(name)) continue;
      assert.is(slowest!.length, 2);
      assert.ok(
        slowest!.every(({ key }) => key !== null && key !== ""),
        shown,
      );
    }
    // No lock key is left: every key holds a counter.
    assert.is(await counterSum(), TOTAL, shown);
  }
});

test("with several keys per transaction the sum of the counters equals the writes", async () => {
  for (const isolation of ["r", "s", "ss"]) {
    await deleteStored(endpoint);
    const { code, result, stderr } = await measure([
      "stm",
      `--endpoints=${endpoint}`,
      ...SHAPE,
      "--keys-per-txn=2",
      `--isolation=${isolation}`,
      "--timeout=30s",
    ]);
    assert.is(code, 0, stderr);
    const { increments } = result.operations[0]!.counters;
    // On average half of the transactions write, and each writes two keys.
    assert.ok(increments! > TOTAL / 2 && increments! < 2 * TOTAL, `${increments}`);
    assert.is(await counterSum(), increments);
  }
});

for (const locker of isWholeRun() ? ["stm", "lock-client", "lock-rpc"] : ["lock-client"]) {
  test(`killing etcd ends the run, and the counts add up (${locker})`, async () => {
    const atFirst = (await readStored(endpoint)).revision;
    const run = new BenchProcess([
      "stm",
      `--endpoints=${endpoint}`,
      "--total=10M",
      "--force",
      "--clients=6",
      "--timeout=2s",
      "--txn-wr-percent=100",
      `--stm-locker=${locker}`,
      "--output=json",
    ]);
    await until(
      "transactions commit",
      async () => (await readStored(endpoint)).revision > atFirst + 100,
    );
    await cluster.kill("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    await cluster.restart("etcd1");
    assert.is(code, 1, stderr);
    const { requests } = result.operations[0]!;
    assert.ok(requests.succeeded > 10 && requests.failed > 0, JSON.stringify(requests));
  });
}

test("more keys in a transaction than exist are refused in one line", async () => {
  const { code, stderr } = await bench(["stm", "--keys-per-txn=2"]);
  assert.is(code, 2);
  assert.match(stderr, /--keys-per-txn=2 is more than --keys=1: give --keys=2 or more/);
});

test.run();
