/** Tests the control client, the inspection and the metrics sampler on a real cluster. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT, type ExitCode } from "../../src/errors.ts";
import { ControlClient, ControlError } from "../../src/etcd/control-client.ts";
import { inspectTarget } from "../../src/etcd/inspect.ts";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { MetricsSampler } from "../../src/etcd/metrics-sampler.ts";
import { probeEndpoint } from "../../src/etcd/probe.ts";
import { freeze } from "../etcd/frozen-member.ts";
import { memberMetric } from "../etcd/member-metric.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

const PATIENT_MS = patient(60_000);
/** Timeout of calls that meet a frozen member among others that answer. */
const FROZEN_MS = patient(3_000);
const key = Buffer.from("control-plane");

let cluster: LocalCluster;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
});

test.after(async () => {
  await cluster?.down();
});

function inspect(endpoints: readonly string[], leaderOnly = false, needsLeader = true) {
  return inspectTarget({
    endpoints,
    leaderOnly,
    needsLeader,
    timeoutMs: PATIENT_MS,
    electionMs: PATIENT_MS,
  });
}

async function withClient(use: (client: ControlClient) => Promise<void>): Promise<void> {
  const client = new ControlClient(cluster.endpoints, { timeoutMs: PATIENT_MS });
  try {
    await use(client);
  } finally {
    client.close();
  }
}

async function refused(
  asked: Promise<unknown>,
  exitCode: ExitCode | null,
  why: RegExp,
): Promise<void> {
  try {
    await asked;
  } catch (error) {
    assert.instance(error, BenchError, String(error));
    assert.ok(why.test((error as BenchError).message), (error as BenchError).message);
    if (exitCode !== null) assert.is((error as BenchError).exitCode, exitCode);
    return;
  }
  assert.unreachable("it was taken");
}

test("a real cluster is described completely through any of its members", async () => {
  for (const endpoint of cluster.endpoints) {
    const info = await inspect([endpoint]);
    assert.equal(info.notes, []);
    assert.equal(info.endpoints, [endpoint]);
    assert.is(info.version, cluster.version);
    assert.is(info.members[0]!.endpoint, endpoint, "the one that was named comes first");
    assert.equal(
      info.members.map((member) => member.endpoint).sort(),
      [...cluster.endpoints].sort(),
    );
    assert.is(info.members.filter(({ isLeader }) => isLeader).length, 1);
    for (const [i, member] of cluster.members.entries()) {
      const listed = info.members.find(({ name }) => name === member.name)!;
      assert.is(listed.endpoint, cluster.endpoints[i]);
      assert.equal([listed.version, listed.isLearner], [cluster.version, false]);
      assert.ok(listed.dbSizeBytes! > 0);
    }
  }
});

test("cluster and members have the ids that etcdctl prints", async () => {
  const { etcdctlPath } = await etcdForTests();
  // Official archives and Debian's package contain etcdctl; a single etcd on PATH may lack it.
  if (etcdctlPath === null) return;
  const etcdctl = (...args: string[]) =>
    execFileSync(etcdctlPath, [`--endpoints=${cluster.endpoints[0]}`, ...args], {
      env: { ...process.env, ETCDCTL_API: "3" },
      encoding: "utf8",
    });
  const info = await inspect(cluster.endpoints);
  const listed = etcdctl("member", "list").trim().split("\n");
  assert.equal(
    listed.map((line) => line.slice(0, line.indexOf(","))).sort(),
    info.members.map(({ id }) => id).sort(),
  );
  const status = etcdctl("endpoint", "status", "-w", "json");
  assert.ok(status.includes(`"cluster_id":${BigInt(`0x${info.clusterId}`)}`), status);
});

test("leaderOnly selects only the leader, for any endpoint", async () => {
  const { members } = await inspect(cluster.endpoints);
  const leader = members.find(({ isLeader }) => isLeader)!;
  for (const endpoint of cluster.endpoints) {
    assert.equal((await inspect([endpoint], true)).endpoints, [leader.endpoint]);
  }
  assert.equal((await inspect(cluster.endpoints, true)).endpoints, [leader.endpoint]);
});

test("the control client's calls work on a real etcd", () =>
  withClient(async (client) => {
    const value = Buffer.from([0, 255, 1]);
    const first = await client.put({ key, value });
    const second = await client.put({ key, value });
    assert.is(second.revision, first.revision + 1);
    const read = await client.range({ key }, { endpoint: cluster.endpoints[1]! });
    assert.is(read.count, 1);
    const [kv] = read.kvs;
    assert.equal([kv!.key, kv!.value], [key, value]);
    assert.equal([kv!.modRevision, kv!.version], [second.revision, 2]);
    const counted = await client.range({
      key: Buffer.from("c"),
      rangeEnd: Buffer.from("d"),
      countOnly: true,
    });
    assert.equal([counted.count, counted.kvs.length], [1, 0]);

    const hashes = await Promise.all(
      cluster.endpoints.map((endpoint) => client.hashKv(endpoint, first.revision)),
    );
    assert.is(new Set(hashes.map(({ hash }) => hash)).size, 1, "the members agree");
    assert.ok(Number.isInteger((await client.hash()).hash));

    await client.compact({ revision: second.revision, physical: true });
    try {
      await client.range({ key, revision: first.revision });
      assert.unreachable("a compacted revision was read");
    } catch (error) {
      assert.instance(error, ControlError);
      assert.is((error as ControlError).codeName, "OUT_OF_RANGE");
    }
    const gone = await client.deleteRange({ key });
    assert.equal([gone.deleted, gone.revision], [1, second.revision + 1]);
    assert.is((await client.status()).revision, gone.revision);
  }));

test("etcd's peer port, which also speaks gRPC in many versions, is refused", () =>
  refused(inspect([cluster.members[0]!.peerEndpoint]), null, /: name (its|etcd's) client port/));

test("a member behind etcd's own grpc-proxy can be inspected and sampled", async () => {
  const { path } = await etcdForTests();
  for (let attempt = 0; ; attempt++) {
    const [port] = await freePorts(1);
    const endpoint = `127.0.0.1:${port}`;
    const proxy = spawn(
      path,
      [
        "grpc-proxy",
        "start",
        `--endpoints=${cluster.endpoints[0]}`,
        `--listen-addr=${endpoint}`,
        `--advertise-client-url=${endpoint}`,
      ],
      { stdio: "ignore" },
    );
    const exited = once(proxy, "exit");
    try {
      await until("the proxy answers, or has ended", async () => {
        return proxy.exitCode !== null || (await answers(endpoint));
      });
      // Another program may have taken the port.
      if (proxy.exitCode !== null && attempt < 5) continue;
      const info = await inspect([endpoint]);
      assert.equal(info.endpoints, [endpoint]);
      assert.is(info.members.length, 1);
      assert.is(info.members[0]!.version, cluster.version);
      assert.match(info.notes.join(" "), /could not be listed/);
      // The proxy passes on the page of its member.
      const sampler = new MetricsSampler({
        members: info.members,
        metricsEndpoints: null,
        timeoutMs: PATIENT_MS,
      });
      await sampler.start();
      const { server, notes } = await sampler.stop();
      assert.equal(notes, []);
      assert.ok(server[0]!.rssMaxBytes! > 0);
      return;
    } finally {
      proxy.kill("SIGKILL");
      await exited;
    }
  }
});

/** Numbers of log syncs and of database commits of a member. */
function diskWork(endpoint: string): Promise<number[]> {
  const count = (name: string) =>
    memberMetric(endpoint, `etcd_disk_${name}_duration_seconds_count`);
  return Promise.all([count("wal_fsync"), count("backend_commit")]);
}

test("metrics of every member are read, and show the effect of the load", () =>
  withClient(async (client) => {
    const { members } = await inspect(cluster.endpoints);
    const sampler = new MetricsSampler({
      members,
      metricsEndpoints: null,
      intervalMs: 20,
      timeoutMs: PATIENT_MS,
    });
    await sampler.start();
    const before = await Promise.all(cluster.endpoints.map(diskWork));
    for (let i = 0; i < 20; i++) await client.put({ key, value: Buffer.alloc(64, i) });
    // Followers sync the last entry a heartbeat later; the backend commits every 100 ms.
    await until("every member has synced and committed", async () => {
      const now = await Promise.all(cluster.endpoints.map(diskWork));
      return now.every((counts, at) => counts.every((count, of) => count > before[at]![of]!));
    });
    const { server, notes } = await sampler.stop();
    assert.equal(notes, []);
    assert.equal(
      server.map(({ member }) => member),
      members.map(({ name }) => name),
    );
    for (const figures of server) {
      assert.ok(
        figures.rssMeanBytes! > 1e6 && figures.rssMaxBytes! >= figures.rssMeanBytes!,
        "RSS",
      );
      assert.ok(figures.cpuSeconds! >= 0 && figures.cpuPercent! >= 0, "CPU");
      assert.ok(figures.walFsyncP99Ms! > 0, "fsync");
      assert.ok(figures.backendCommitP99Ms! > 0, "commit");
      assert.ok(figures.dbSizeBytes! > 0, "size");
      assert.ok(
        figures.slowApplies! >= 0 && figures.failedProposals! >= 0 && figures.leaderChanges! >= 0,
      );
    }
  }));

test("a note reports a restarted member, and a frozen member does not delay the end", async () => {
  const { members } = await inspect(cluster.endpoints);
  const sampler = new MetricsSampler({
    members,
    metricsEndpoints: null,
    intervalMs: 20,
    timeoutMs: FROZEN_MS,
  });
  await sampler.start();
  await cluster.kill("etcd2");
  await cluster.restart("etcd2");
  await freeze(cluster, "etcd3");
  const { server, notes } = await sampler.stop().finally(() => cluster.resume("etcd3"));
  for (const { rssMaxBytes } of server) assert.ok(rssMaxBytes! > 0);
  const about = (i: number) =>
    notes.filter((note) => note.includes(`member ${cluster.members[i]!.name}`)).join(" ");
  assert.is(about(0), "");
  assert.match(about(1), /restarted during the run \(1 seen\)/);
  assert.match(about(2), new RegExp(`readings failed \\(first: no answer in ${FROZEN_MS} ms\\)`));
});

test("a frozen or dead member is exit 3 with its endpoint, and a lost majority is exit 2", async () => {
  await freeze(cluster, "etcd1");
  const frozen = inspectTarget({
    endpoints: cluster.endpoints,
    leaderOnly: false,
    needsLeader: true,
    timeoutMs: FROZEN_MS,
  });
  await refused(
    frozen,
    EXIT.unreachable,
    new RegExp(
      `^--endpoints ${cluster.endpoints[0]}: .*(says nothing in ${FROZEN_MS} ms|no answer in time).*leave it out`,
    ),
  ).finally(() => cluster.resume("etcd1"));

  await cluster.kill("etcd2");
  await refused(
    inspect(cluster.endpoints),
    EXIT.unreachable,
    new RegExp(`^--endpoints ${cluster.endpoints[1]}: nothing listens.*leave it out`),
  );
  await cluster.kill("etcd3");
  const survivor = [cluster.endpoints[0]!];
  await withClient(async (client) => {
    const hasNoLeader = async () => (await client.status()).leaderId === null;
    await until("the survivor knows of no leader", hasNoLeader, 50);
  });
  const leaderless = {
    endpoints: survivor,
    leaderOnly: false,
    timeoutMs: PATIENT_MS,
    electionMs: 0,
  };
  await refused(
    inspectTarget({ ...leaderless, needsLeader: true }),
    EXIT.usage,
    /cluster has no leader.*majority/,
  );
  const info = await inspectTarget({ ...leaderless, needsLeader: false });
  assert.equal(info.notes, ["The cluster has no leader."]);
  assert.is(info.members.length, 3);
});

async function answers(endpoint: string): Promise<boolean> {
  try {
    await probeEndpoint(endpoint, patient(5_000));
    return true;
  } catch (error) {
    if (error instanceof BenchError) return false;
    throw error;
  }
}

test.run();
