/** Runs `bench put` on a real etcd and checks etcd's keys afterwards. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { countByEtcdctl, deleteStored, readStored } from "../etcd/stored-keys.ts";
import { type Measured, measure, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";
import { drawn } from "../harness/whole-run.ts";

let cluster: LocalCluster;
let endpoint: string;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(async () => {
  await cluster?.down();
});

test.before.each(() => deleteStored(endpoint));

function put(...args: string[]): Promise<Measured> {
  return measure(["put", `--endpoints=${endpoint}`, ...args]);
}

/** Runs puts that must all succeed. */
async function putAll(total: number, ...args: string[]): Promise<Measured> {
  const measured = await put(`--total=${total}`, ...args);
  const { requests } = onlyOperation(measured.result);
  assert.is(measured.code, 0, measured.stderr);
  assert.equal(requests, {
    offered: total,
    started: total,
    succeeded: total,
    failed: 0,
    dropped: 0,
    resent: 0,
  });
  return measured;
}

/** The default, which unit/plan/from-flags checks daily. */
const DEFAULT_TOTAL = 10_000;

test("without flags puts write one key, and etcd's revision confirms it", async () => {
  const before = await readStored(endpoint);
  const total = drawn({ daily: 500, whole: DEFAULT_TOTAL });
  const flags = total === DEFAULT_TOTAL ? [] : [`--total=${total}`];
  const { code, result, stderr } = await put(...flags);
  assert.is(code, 0, stderr);
  assert.is(onlyOperation(result).requests.succeeded, total);
  assert.is(result.status, "complete");
  assert.is(result.client.transport, "wire");
  assert.equal([result.client.connections, result.client.clients], [1, 1]);
  const after = await readStored(endpoint);
  assert.is(after.revision, before.revision + total);
  assert.is(after.keys.length, 1);
  const { key, value, version } = after.keys[0]!;
  assert.equal([key.length, value.length, version], [8, 8, total]);
});

test("totals are exact for any remainder of clients, connections and workers", async () => {
  for (const [total, ...shape] of [
    [101, "--conns=3", "--clients=7", "--workers=2"],
    // Fewer requests than clients: some clients send nothing.
    [3, "--conns=4", "--clients=10", "--workers=3"],
    [1, "--conns=3", "--clients=1"],
  ] as const) {
    const before = await readStored(endpoint);
    await putAll(total, ...shape);
    assert.is((await readStored(endpoint)).revision, before.revision + total, shape.join(" "));
  }
});

test("keys have exactly --key-size bytes, including the prefix", async () => {
  await putAll(400, "--key-size=16", "--prefix=/bench/é/", "--key-space-size=300", "--clients=4");
  const { keys } = await readStored(endpoint);
  // 400 random keys of 300 give 300 * (1 - e^(-400/300)) = 221 different keys on average.
  assert.ok(keys.length > 180 && keys.length <= 300, `${keys.length} keys`);
  for (const { key } of keys) {
    assert.is(key.length, 16);
    assert.is(key.subarray(0, 10).toString("utf8"), "/bench/é/");
    assert.ok(key.readUIntBE(10, 6) < 300);
  }
});

test("a prefix with the length of the key gives one key, and keys of one byte work", async () => {
  await putAll(10, "--key-size=6", "--prefix=abcdef");
  await putAll(600, "--key-size=1", "--key-space-size=256", "--sequential-keys");
  const { keys } = await readStored(endpoint);
  assert.is(keys.length, 257);
  assert.is(keys.filter(({ key }) => key.toString("latin1") === "abcdef").length, 1);
});

for (const workers of [1, 2]) {
  test(`900 sequential keys in a space of 300 give exactly 300 keys with ${workers} worker(s)`, async () => {
    await putAll(
      900,
      "--sequential-keys",
      "--key-space-size=300",
      "--conns=4",
      "--clients=50",
      `--workers=${workers}`,
    );
    const { keys } = await readStored(endpoint);
    assert.is(keys.length, 300);
    assert.is(
      keys.reduce((puts, { version }) => puts + version, 0),
      900,
    );
    // Big-endian indices sort like their numbers: the keys are 0 to 299, without a gap.
    for (const [index, { key }] of keys.entries()) assert.is(key.readUInt32BE(4), index);
    const counted = await countByEtcdctl(endpoint);
    if (counted !== null) assert.is(counted, 300);
  });
}

test("--sequential-keys without a key space writes one key for each put, with a note", async () => {
  const { stderr } = await putAll(500, "--sequential-keys", "--clients=3");
  assert.match(stderr, /note: --sequential-keys without --key-space-size .* 500 distinct keys/);
  assert.is((await readStored(endpoint)).keys.length, 500);
});

test("--key-encoding=varint writes the bytes of Go's PutVarint, like upstream", async () => {
  const total = drawn({ daily: 200, whole: 9_000 });
  await putAll(total, "--sequential-keys", "--key-encoding=varint", "--clients=5", "--key-size=8");
  const { keys } = await readStored(endpoint);
  assert.is(keys.length, total);
  const written = new Set(keys.map(({ key }) => key.toString("hex")));
  // Calculated by hand: twice the index, in 7-bit groups, low group first, 0x80 if more follow.
  for (const [index, bytes] of [
    [0, "00"],
    [1, "02"],
    [63, "7e"],
    [64, "8001"],
    [100, "c801"],
    [8_191, "fe7f"],
    [8_192, "808001"],
    [8_999, "ce8c01"],
  ] as const) {
    if (index >= total) continue;
    assert.ok(written.has(bytes.padEnd(16, "0")), `${index} as ${bytes}`);
  }
});

test("values have --val-size bytes, also for size 0", async () => {
  for (const [flag, sizeBytes] of [
    ["0", 0],
    ["4KiB", 4096],
    ["100000", 100_000],
  ] as const) {
    await putAll(20, `--val-size=${flag}`);
    const { keys } = await readStored(endpoint);
    assert.equal(
      keys.map(({ value }) => value.length),
      [sizeBytes],
    );
  }
});

test("the same seed puts the same keys and values, another seed different ones", async () => {
  const written: string[] = [];
  for (const seed of [7, 7, 8]) {
    await deleteStored(endpoint);
    await putAll(
      100,
      `--seed=${seed}`,
      "--key-space-size=1M",
      "--conns=2",
      "--clients=6",
      "--workers=2",
    );
    written.push(JSON.stringify((await readStored(endpoint)).keys));
  }
  assert.is(written[0], written[1]);
  assert.is.not(written[0], written[2]);
});

test("values of 1 MiB need several frames and flow control, and arrive complete", async () => {
  await putAll(
    24,
    "--val-size=1MiB",
    "--conns=2",
    "--clients=6",
    "--sequential-keys",
    "--timeout=60s",
  );
  const { keys } = await readStored(endpoint);
  assert.is(keys.length, 24);
  const [first] = keys;
  for (const { value } of keys) {
    assert.is(value.length, 2 ** 20);
    assert.ok(value.equals(first!.value));
  }
});

test("etcd refuses a value above its limit; the code is counted, and a note names the flag", async () => {
  const before = await readStored(endpoint);
  const { code, result, stderr } = await put("--val-size=2MiB", "--total=7", "--clients=2");
  assert.is(code, 1, stderr);
  const { requests, errors, failedTime, serviceTime } = onlyOperation(result);
  assert.equal([requests.succeeded, requests.failed], [0, 7]);
  assert.ok(
    errors.every((error) => ["RESOURCE_EXHAUSTED", "INVALID_ARGUMENT"].includes(error.code)),
    JSON.stringify(errors),
  );
  assert.match(errors[0]!.message, /too large|larger than max/);
  assert.is(failedTime?.count, 7);
  assert.is(serviceTime.p50Ms, null);
  assert.is(result.verdict.kind, "errors");
  assert.match(stderr, /note: --val-size=2\S* .*--max-request-bytes/);
  assert.is((await readStored(endpoint)).revision, before.revision);
});

test("--warmup sends real puts that no figure contains", async () => {
  const before = await readStored(endpoint);
  const { result } = await putAll(100, "--warmup=50", "--clients=2");
  assert.ok(result.notes.some((note) => /^50 requests of --warmup/.test(note)));
  assert.is((await readStored(endpoint)).revision, before.revision + 150);
});

test("--total and --duration together end at the first limit", async () => {
  const byTotal = await put("--total=50", "--duration=60s");
  assert.is(onlyOperation(byTotal.result).requests.succeeded, 50);
  const byTime = await put("--total=1G", `--duration=${patient(1)}s`);
  const { requests, durationSeconds } = onlyOperation(byTime.result);
  assert.ok(requests.succeeded > 0 && requests.succeeded < 1e9);
  assert.is(byTime.result.status, "complete");
  assert.ok(durationSeconds > 0.95, `${durationSeconds} s`);
});

test.run();
