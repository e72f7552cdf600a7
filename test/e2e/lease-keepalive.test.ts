/** Runs `bench lease-keepalive` on a real etcd, and checks etcd's leases afterwards. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdctl, leaseCounts, listLeases } from "../etcd/leases.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import {
  BenchProcess,
  bench,
  measure,
  measuredBy,
  onlyOperation,
} from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

let cluster: LocalCluster;
let endpoint: string;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(() => cluster?.down());

for (const [name, ...flags] of [
  ["one stream a client"],
  ["a stream for each keep-alive", "--new-stream"],
  ["grpc-js", "--transport=grpc-js"],
] as const) {
  test(`every keep-alive renews, and each client has one lease, which is revoked at the end (${name})`, async () => {
    const atFirst = await leaseCounts(endpoint);
    const { code, result, stderr } = await measure([
      "lease-keepalive",
      `--endpoints=${endpoint}`,
      "--total=301",
      "--conns=3",
      "--clients=7",
      "--workers=2",
      ...flags,
    ]);
    assert.is(code, 0, stderr);
    const { name, requests } = onlyOperation(result);
    assert.is(name, "lease-keepalive");
    assert.equal([requests.offered, requests.succeeded], [301, 301]);
    const { granted, renewed, revoked } = await leaseCounts(endpoint);
    assert.equal(
      [granted - atFirst.granted, renewed - atFirst.renewed, revoked - atFirst.revoked],
      [7, 301, 7],
    );
    const left = await listLeases(endpoint);
    if (left !== null) assert.equal(left, []);
    assert.ok(result.notes.some((note) => note.includes("revoked at the end")));
  });
}

test("when a lease is revoked during the run, later keep-alives fail", async () => {
  const { renewed } = await leaseCounts(endpoint);
  const seconds = patient(4);
  const flags = ["--rate=200", `--duration=${seconds}s`, "--warmup=1s", "--clients=2"];
  const run = new BenchProcess([
    "lease-keepalive",
    `--endpoints=${endpoint}`,
    ...flags,
    "--output=json",
  ]);
  await until("keep-alives are under way", async () => {
    return (await leaseCounts(endpoint)).renewed > renewed + 300;
  });
  const leases = await listLeases(endpoint);
  for (const lease of leases ?? []) await etcdctl(endpoint, "lease", "revoke", lease);
  const { code, result, stderr } = measuredBy(await run.ended);
  if (leases === null) return;
  assert.is(leases.length, 2);
  assert.is(code, 1, stderr);
  const { requests, errors } = onlyOperation(result);
  assert.is(requests.offered, 200 * seconds);
  assert.ok(requests.succeeded > 0 && requests.failed > 0, JSON.stringify(requests));
  assert.equal(
    errors.map(({ code, message }) => [code, message]),
    [["NOT_FOUND", "etcd does not know the lease (TTL 0): it has expired or was revoked"]],
  );
});

test("killing etcd ends the run: counted, exit code 1, and a note about remaining leases", async () => {
  const { renewed } = await leaseCounts(endpoint);
  const flags = ["--total=10M", "--conns=2", "--clients=8", "--timeout=2s"];
  const run = new BenchProcess([
    "lease-keepalive",
    `--endpoints=${endpoint}`,
    ...flags,
    "--output=json",
  ]);
  await until("keep-alives are under way", async () => {
    return (await leaseCounts(endpoint)).renewed > renewed + 500;
  });
  await cluster.kill("etcd1");
  const { code, result, stderr } = measuredBy(await run.ended);
  await cluster.restart("etcd1");
  assert.is(code, 1, stderr);
  const { requests } = onlyOperation(result);
  assert.ok(requests.succeeded > 400 && requests.failed > 0, JSON.stringify(requests));
  assert.ok(result.notes.some((note) => note.includes("could not be revoked")));
});

test("the table shows what was run", async () => {
  const { code, stdout, stderr } = await bench([
    "lease-keepalive",
    `--endpoints=${endpoint}`,
    "--total=100",
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /lease-keepalive of one lease a client \(TTL 100 s\), one stream a client/);
});

test.run();
