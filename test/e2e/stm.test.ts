/** Drives the built `bench stm` against a real etcd: counters in the keys show every lost update. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { isWholeRun } from "../harness/whole-run.ts";

const test = suite<{ cluster: LocalCluster; endpoint: string }>("stm");

test.before.each(async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.endpoint = context.cluster.endpoints[0]!;
});

test.after.each(({ cluster }) => cluster.down());

async function counterSum(endpoint: string): Promise<number> {
  const { keys } = await readStored(endpoint);
  return keys.reduce((sum, { value }) => sum + value.readUIntBE(0, 6), 0);
}

const SHAPE = ["--total=301", "--clients=8", "--conns=3", "--workers=2", "--keys=3"];

test("the counters of all keys add up to the commits, under contention, where isolation keeps updates", async ({
  endpoint,
}) => {
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
      ...flags,
    ]);
    assert.is(code, 0, stderr);
    const { requests, counters } = result.operations[0]!;
    const shown = `${flags.join(" ")} ${JSON.stringify(counters)}`;
    assert.is(requests.succeeded, 301, shown);
    assert.equal([counters.commits, counters.increments], [301, 301], shown);
    assert.is(counters.attempts, 301 + (counters.conflicts ?? 0), shown);
    const isLocked = flags.some((flag) => flag.includes("lock-"));
    assert.is((counters.conflicts ?? 0) > 0, !isLocked, shown);
    assert.equal(
      result.operations.map(({ name }) => name),
      isLocked ? ["stm", "stm-txn", "stm-lock", "stm-unlock"] : ["stm", "stm-txn"],
    );
    // No lock is left among them: every key holds a counter.
    assert.is(await counterSum(endpoint), 301, shown);
  }
});

test("with several keys a transaction the counters add up to the writes", async ({ endpoint }) => {
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
    assert.ok(increments! > 150 && increments! < 500, `${increments}`);
    assert.is(await counterSum(endpoint), increments);
  }
});

for (const locker of isWholeRun() ? ["stm", "lock-client", "lock-rpc"] : ["lock-client"]) {
  test(`etcd killed in the middle ends it by itself, and the counts add up (${locker})`, async ({
    cluster,
    endpoint,
  }) => {
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
    await until("transactions commit", async () => (await readStored(endpoint)).revision > 100);
    await cluster.kill("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    const { requests } = result.operations[0]!;
    assert.ok(requests.succeeded > 10 && requests.failed > 0, JSON.stringify(requests));
  });
}

test("more keys in a transaction than there are is refused in one line", async () => {
  const { code, stderr } = await bench(["stm", "--keys-per-txn=2"]);
  assert.is(code, 2);
  assert.match(stderr, /--keys-per-txn=2 is more than --keys=1: give --keys=2 or more/);
});

test.run();
