/** Reproduces known behaviour of clusters that find their members through a discovery registry. */
import { rmSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareVersions } from "../../src/etcd/etcd-binary/version.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { measure } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

interface Discovered {
  clusters: ClusterCommands;
  etcd: string;
  registry: string;
  /** From etcd 3.6 members use v3 keys for discovery; those of v2 are gone. */
  isV3: boolean;
}

const test = suite<Discovered>("discovery");

before(test, async (context) => {
  context.clusters = new ClusterCommands();
  const { clusters } = context;
  const { path, version } = await etcdForTests();
  context.etcd = `--etcd=${path}`;
  context.isV3 = compareVersions(version, "3.6.0") >= 0;
  const registryFlags = context.isV3 ? [] : ["--", "--enable-v2"];
  await clusters.run("start", "--name=registry", "--size=1", context.etcd, ...registryFlags);
  context.registry = (await clusters.status("registry")).members[0]!.endpoint;
  const discovery = `--discovery=${context.registry}`;
  await clusters.run("start", "--name=dynamic", discovery, context.etcd);
});

test.after(({ clusters }) => clusters.end());

test("a member with lost data is not accepted again while the registry knows it", async ({
  clusters,
  isV3,
}) => {
  await loseDataOf("etcd3", clusters);
  const { code, stderr } = await clusters.attempt("restart", "--name=dynamic", "etcd3");
  assert.is(code, 2);
  const why = isV3
    ? /^bench: etcd3 ended before it served .*out of range.*the raft log corrupted, truncated, or lost\?$/m
    : /^bench: etcd3 ended before it served .*could not find valid cluster configuration/m;
  assert.match(stderr, why);
  await clusters.run("replace", "--name=dynamic", "etcd3");
});

test("the cluster still serves after the end of its registry", async ({ clusters }) => {
  await clusters.run("kill", "--name=registry", "all");
  const { members } = await clusters.status("dynamic");
  assert.equal(
    members.map(({ name, isHealthy }) => [name, isHealthy]),
    ["etcd1", "etcd2", "etcd3"].map((name) => [name, true]),
  );
  const { env } = clusters;
  const { code, stderr } = await measure(["put", "--cluster=dynamic", "--total=100"], { env });
  assert.is(code, 0, stderr);
});

test("no member joins through a dead registry", async ({ clusters, etcd, registry }) => {
  const discovery = `--discovery=${registry}`;
  const start = await clusters.attempt("start", "--name=late", "--size=1", discovery, etcd);
  assert.is(start.code, 3);
  assert.match(
    start.stderr,
    /^bench: --discovery 127\.0\.0\.1:\d+: nothing (answers|listens) there.*correct the address$/m,
  );
});

test("a killed member comes back with its data", async ({ clusters }) => {
  const { id } = (await clusters.status("dynamic")).members[1]!;
  await clusters.run("kill", "--name=dynamic", "etcd2");
  await clusters.run("restart", "--name=dynamic", "etcd2");
  const again = (await clusters.status("dynamic")).members[1]!;
  assert.equal([again.id, again.isHealthy], [id, true]);
});

test("a member with lost data does not come back without the registry", async ({
  clusters,
  isV3,
}) => {
  await loseDataOf("etcd2", clusters);
  const { code, stderr } = await clusters.attempt("restart", "--name=dynamic", "etcd2");
  assert.is(code, 2);
  const why = isV3
    ? /^bench: etcd2 was not healthy within 60 s; .*connection refused/m
    : /^bench: etcd2 was not healthy within 60 s; .*failed to get from discovery/m;
  assert.match(stderr, why);
});

async function loseDataOf(name: string, clusters: ClusterCommands): Promise<void> {
  const { members } = await clusters.status("dynamic");
  await clusters.run("kill", "--name=dynamic", name);
  rmSync(members.find((member) => member.name === name)!.dataDir, { recursive: true });
}

test.run();
