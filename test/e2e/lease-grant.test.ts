/** Runs `bench lease-grant` on a real etcd, and checks etcd's leases afterwards. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { leaseCounts, listLeases } from "../etcd/leases.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";

let cluster: LocalCluster;
let endpoint: string;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(() => cluster?.down());

const TOTAL = 151;

function succeeded({ operations }: RunResult): Record<string, number> {
  return Object.fromEntries(operations.map(({ name, requests }) => [name, requests.succeeded]));
}

for (const transport of ["wire", "grpc-js"]) {
  test(`each lease is granted, used and revoked, and no key is left (${transport})`, async () => {
    const atFirst = await readStored(endpoint);
    const countsAtFirst = await leaseCounts(endpoint);
    const { code, result, stderr } = await measure([
      "lease-grant",
      `--endpoints=${endpoint}`,
      `--total=${TOTAL}`,
      "--conns=3",
      "--clients=7",
      "--workers=2",
      "--keys-per-lease=2",
      `--transport=${transport}`,
    ]);
    assert.is(code, 0, stderr);
    assert.equal(succeeded(result), {
      "lease-grant": TOTAL,
      "lease-grant-grant": TOTAL,
      "lease-grant-revoke": TOTAL,
      "lease-grant-put": 2 * TOTAL,
    });
    const { granted, revoked } = await leaseCounts(endpoint);
    // One more lease is granted before the clock starts, to read the time-to-live that etcd gives.
    assert.is(granted - countsAtFirst.granted, TOTAL + 1);
    assert.is(revoked - countsAtFirst.revoked, TOTAL + 1);
    const after = await readStored(endpoint);
    assert.equal(after.keys, []);
    // Two puts, and one delete of both keys.
    assert.is(after.revision - atFirst.revision, TOTAL * 3);
    const left = await listLeases(endpoint);
    if (left !== null) assert.equal(left, []);
  });
}

test("--expire measures how late a lease's key is deleted, and leaves nothing", async () => {
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
  // In a whole operation the lease lives two seconds; the time after that is its delay.
  const latestMs = whole!.serviceTime.maxMs! - 2_000;
  assert.ok(expiry!.serviceTime.maxMs! <= latestMs * 1.01 + 5, `${expiry!.serviceTime.maxMs}`);
  assert.equal((await readStored(endpoint)).keys, []);
});

for (const flags of [[], ["--expire", "--ttl=2s"]]) {
  test(`killing etcd ends the run, and the counts add up ${flags.join(" ")}`, async () => {
    const { granted } = await leaseCounts(endpoint);
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
    await until(
      "leases are granted",
      async () => (await leaseCounts(endpoint)).granted > granted + 15,
    );
    await cluster.kill("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    await cluster.restart("etcd1");
    assert.is(code, 1, stderr);
    const [whole] = result.operations;
    assert.ok(whole!.requests.failed > 0, JSON.stringify(whole!.requests));
    assert.ok(succeeded(result)["lease-grant-grant"]! > 8);
  });
}

test("invalid flags are refused in one line", async () => {
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
