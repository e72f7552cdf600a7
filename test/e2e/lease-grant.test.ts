/** Drives the built `bench lease-grant` against a real etcd, and asks that what became of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { leaseCounts, listLeases } from "../etcd/leases.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";

const test = suite<{ cluster: LocalCluster; endpoint: string }>("lease-grant");

test.before.each(async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.endpoint = context.cluster.endpoints[0]!;
});

test.after.each(({ cluster }) => cluster.down());

function succeeded({ operations }: RunResult): Record<string, number> {
  return Object.fromEntries(operations.map(({ name, requests }) => [name, requests.succeeded]));
}

for (const transport of ["wire", "grpc-js"]) {
  test(`each lease is granted, used and revoked, and no key is left (${transport})`, async ({
    endpoint,
  }) => {
    const before = await readStored(endpoint);
    const { code, result, stderr } = await measure([
      "lease-grant",
      `--endpoints=${endpoint}`,
      "--total=301",
      "--conns=3",
      "--clients=7",
      "--workers=2",
      "--keys-per-lease=2",
      `--transport=${transport}`,
    ]);
    assert.is(code, 0, stderr);
    assert.equal(succeeded(result), {
      "lease-grant": 301,
      "lease-grant-grant": 301,
      "lease-grant-revoke": 301,
      "lease-grant-put": 602,
    });
    const { granted, revoked } = await leaseCounts(endpoint);
    // One more is granted before the clock, to see how long etcd lets such leases live.
    assert.equal([granted, revoked], [302, 302]);
    const after = await readStored(endpoint);
    assert.equal(after.keys, []);
    // Two puts, and one deletion of both keys.
    assert.is(after.revision - before.revision, 301 * 3);
    const left = await listLeases(endpoint);
    if (left !== null) assert.equal(left, []);
  });
}

test("--expire measures how late a lease's key goes, and leaves nothing behind", async ({
  endpoint,
}) => {
  const { code, result, stderr } = await measure([
    "lease-grant",
    `--endpoints=${endpoint}`,
    "--total=40",
    "--clients=20",
    "--conns=2",
    "--ttl=2s",
    "--expire",
    "--timeout=30s",
  ]);
  assert.is(code, 0, stderr);
  assert.is(succeeded(result)["lease-grant-expiry"], 40);
  const [whole, , expiry] = result.operations;
  assert.ok(whole!.serviceTime.minMs! >= 2_000, `${whole!.serviceTime.minMs}`);
  // Of a whole operation the lease lives two seconds, and its expiry is late from then on.
  const latestMs = whole!.serviceTime.maxMs! - 2_000;
  assert.ok(expiry!.serviceTime.maxMs! <= latestMs * 1.01 + 5, `${expiry!.serviceTime.maxMs}`);
  assert.equal((await readStored(endpoint)).keys, []);
});

for (const flags of [[], ["--expire", "--ttl=2s"]]) {
  test(`etcd killed in the middle ends it by itself, and the counts add up ${flags.join(" ")}`, async ({
    cluster,
    endpoint,
  }) => {
    const run = new BenchProcess([
      "lease-grant",
      `--endpoints=${endpoint}`,
      "--total=10M",
      "--conns=2",
      "--clients=8",
      "--timeout=7s",
      ...flags,
      "--output=json",
    ]);
    await until("leases are granted", async () => (await leaseCounts(endpoint)).granted > 15);
    await cluster.kill("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    const [whole] = result.operations;
    assert.ok(whole!.requests.failed > 0, JSON.stringify(whole!.requests));
    assert.ok(succeeded(result)["lease-grant-grant"]! > 8);
  });
}

test("flags that cannot be kept are refused in one line", async () => {
  for (const [flags, pattern] of [
    [["--ttl=1500ms"], /--ttl: .*whole seconds/],
    [["--expire"], /--timeout=10s is too short for: give --timeout=1m5s/],
    [["--expire", "--ttl=2s", "--keys-per-lease=0"], /--keys-per-lease=1 or more/],
  ] as const) {
    const { code, stdout, stderr } = await bench(["lease-grant", ...flags]);
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    assert.match(stderr, pattern);
  }
});

test.run();
