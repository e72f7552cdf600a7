/** Runs --val-size with distributions on a real etcd, and checks the sizes of the stored values. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { SeedStream } from "../../src/random.ts";
import { ValueSizes } from "../../src/workloads/parts/keys/value-sizes.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import { type Measured, measure } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ cluster: LocalCluster }>("sizes");

before(test, async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});
test.after(({ cluster }) => cluster?.down());
test.before.each(({ cluster }) => deleteStored(cluster.endpoints[0]!));

async function run({ endpoints }: LocalCluster, ...args: string[]): Promise<Measured> {
  const measured = await measure([...args, `--endpoints=${endpoints[0]}`]);
  assert.is(measured.code, 0, measured.stderr);
  return measured;
}

async function storedSizes({ endpoints }: LocalCluster): Promise<number[]> {
  const { keys } = await readStored(endpoints[0]!);
  return keys.map(({ value }) => value.length);
}

const SHAPE = ["--conns=2", "--clients=8"];

for (const transport of ["wire", "grpc-js"]) {
  test(`over ${transport} values have exactly the sizes that the seed draws, also larger than a frame`, async ({
    cluster,
  }) => {
    const flags = ["--val-size=1KiB..64KiB", "--sequential-keys", "--total=400", ...SHAPE];
    await run(cluster, "put", ...flags, `--transport=${transport}`, "--seed=5");
    const size = { kind: "uniform", minBytes: 1024, maxBytes: 65_536 } as const;
    const drawn = new Map<number, number>();
    for (const bytes of await storedSizes(cluster)) drawn.set(bytes, (drawn.get(bytes) ?? 0) + 1);
    // Put n has key n and turn n.
    const sizes = new ValueSizes(size, new SeedStream("put.sizes").random(5));
    for (let n = 0; n < 400; n++) {
      const bytes = sizes.at(n + n * 400);
      assert.ok((drawn.get(bytes) ?? 0) > 0, `no value of ${bytes} bytes`);
      drawn.set(bytes, drawn.get(bytes)! - 1);
    }
    assert.equal([...new Set(drawn.values())], [0]);
  });
}

test("values of transactions, and of the keys of a delete, have lognormal sizes", async ({
  cluster,
}) => {
  const flags = ["--val-size=lognormal:200,1", ...SHAPE];
  const txn = ["--txn-ops=8", "--key-space-size=1600", "--total=200"];
  const { result } = await run(cluster, "txn-put", ...flags, ...txn);
  assert.is(result.operations[0]!.requests.succeeded, 200);
  const sizes = await storedSizes(cluster);
  assert.is(sizes.length, 1_600);
  const below = sizes.filter((bytes) => bytes <= 200).length;
  // Six standard deviations of 1,600 coin flips.
  assert.ok(Math.abs(below - 800) < 120, `${below} below the median`);
  assert.ok(Math.max(...sizes) > 1_500 && Math.min(...sizes) < 30, "the tails are missing");

  await deleteStored(cluster.endpoints[0]!);
  await run(cluster, "delete", ...flags, "--key-space-size=300", "--total=100");
  const left = await storedSizes(cluster);
  assert.is(left.length, 200);
  assert.ok(new Set(left).size > 100);
});

test("counters of stm and marks of events keep their bytes in values of any size", async ({
  cluster,
}) => {
  const stm = ["--keys=5", "--keys-per-txn=3", "--txn-wr-percent=60", "--val-size=6..90"];
  const { result } = await run(cluster, "stm", "--total=300", "--isolation=ss", ...stm, ...SHAPE);
  const { keys } = await readStored(cluster.endpoints[0]!);
  const sum = keys.reduce((total, { value }) => total + value.readUIntBE(0, 6), 0);
  assert.is(sum, result.operations[0]!.counters.increments);
  for (const { value } of keys) assert.ok(value.length >= 6 && value.length <= 90);

  const watch = ["--streams=2", "--watch-per-stream=5", "--put-total=200", "--val-size=8..500"];
  const watched = await run(cluster, "watch", ...watch, ...SHAPE);
  assert.is(
    watched.result.operations.find(({ name }) => name === "watch-delivery")!.requests.succeeded,
    2_000,
  );
});

test.run();
