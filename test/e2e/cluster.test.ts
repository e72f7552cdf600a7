/** Runs `bench cluster` on real etcds: start, actions on members, and the end. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startTimeOf } from "../../src/etcd/local-cluster/process-identity.ts";
import type { ClusterState } from "../../src/etcd/named-cluster/state-file.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench, measure } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ clusters: ClusterCommands; etcd: string }>("bench cluster");

before(test, async (context) => {
  context.clusters = new ClusterCommands();
  context.etcd = `--etcd=${(await etcdForTests()).path}`;
  await context.clusters.run("start", "--name=three", context.etcd);
});

test.after(({ clusters }) => clusters.end());

test("three members start, and are listed with their state", async ({ clusters }) => {
  const { members, isReady } = await clusters.status("three");
  assert.ok(isReady);
  assert.equal(
    members.map(({ name, state, isHealthy }) => [name, state, isHealthy]),
    ["etcd1", "etcd2", "etcd3"].map((name) => [name, "running", true]),
  );
  assert.is(members.filter(({ role }) => role === "leader").length, 1);
  assert.match(await clusters.run("list"), /^three +running +3\/3 /m);
  assert.match(await clusters.run("status"), /^etcd1 +running +healthy/m);
});

test("a second cluster of the same name is refused", async ({ clusters, etcd }) => {
  const { code, stderr } = await clusters.attempt("start", "--name=three", etcd);
  assert.is(code, 2);
  assert.match(stderr, /^bench: the cluster three runs already: .* or give another --name$/m);
});

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  test(`a start ended by ${signal} leaves no process and no folder`, async ({ clusters, etcd }) => {
    const start = new BenchProcess(["cluster", "start", "--name=cut", etcd], { env: clusters.env });
    const file = join(clusters.clustersFolder, "cut", "cluster.json");
    const pids = await start.until("three processes that are written down", async () => {
      if (!existsSync(file)) return false;
      const { members } = JSON.parse(readFileSync(file, "utf8")) as ClusterState;
      const started = members.flatMap(({ started }) => started?.pid ?? []);
      return started.length === 3 && started;
    });
    // No member answers, so the start cannot finish before the signal.
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    start.signal(signal);
    assert.is((await start.ended).signal, signal);
    assert.not.ok(existsSync(join(clusters.clustersFolder, "cut")));
    assert.equal(
      pids.filter((pid) => startTimeOf(pid) !== null),
      [],
    );
  });
}

test("a run uses a cluster by its name, and its plan shows the name", async ({ clusters }) => {
  const { env } = clusters;
  const { code, result, stderr } = await measure(["put", "--cluster=three", "--total=200"], {
    env,
  });
  assert.is(code, 0, stderr);
  assert.is(result.plan.target.cluster, "three");
  assert.is(result.target.members.length, 3);
  const both = await bench(["put", "--cluster", "--local", "--total=1"], { env });
  assert.is(both.code, 2);
  assert.match(both.stderr, /^bench: --cluster and --local exclude each other: /m);
  const none = await bench(["put", "--cluster=none", "--total=1"], { env });
  assert.match(none.stderr, /^bench: there is no cluster none: give three$/m);
});

test("a killed leader is shown as stopped, and comes back with its data", async ({ clusters }) => {
  const before = await clusters.status("three");
  const leader = before.members.find(({ role }) => role === "leader")!;
  assert.is(await clusters.run("kill", "leader"), `${leader.name}: killed\n`);
  assert.is(startTimeOf(leader.pid!), null);
  const after = await clusters.status("three");
  assert.is(after.members.find(({ name }) => name === leader.name)!.state, "stopped");
  const { code, stderr } = await clusters.attempt("stop", leader.name);
  assert.is(code, 2);
  const restart = `bench cluster restart three/${leader.name}`;
  assert.match(stderr, `${leader.name} does not run; start it with ${restart}`);
  const put = await bench(["put", "--cluster=three", "--total=1"], { env: clusters.env });
  assert.is(put.code, 3);
  const words = `--cluster=three: ${leader.name} does not run: start it with ${restart}, or name one `;
  assert.match(put.stderr, words);
  await clusters.run("restart", leader.name);
  const again = (await clusters.status("three")).members;
  assert.is(again.find(({ name }) => name === leader.name)!.id, leader.id);
});

test("a cluster and its member can be given as words instead of --name", async ({ clusters }) => {
  assert.match(await clusters.run("status", "three"), /^cluster three /);
  assert.match(await clusters.run("env", "three"), /^export ETCDCTL_API=/);
  assert.match(await clusters.run("logs", "three/etcd1"), /^\{"level"/);
  assert.is(
    await clusters.run("pause", "three/etcd1"),
    "etcd1: paused; bench cluster resume lets it go on\n",
  );
  assert.is(await clusters.run("resume", "three/etcd1"), "etcd1: resumed\n");
  const alone = await clusters.attempt("kill", "three");
  assert.match(
    alone.stderr,
    /"?three"? is a cluster: give a member of it, e.g. bench cluster kill three\/etcd1$/m,
  );
  const two = await clusters.attempt("status", "three", "--name=four");
  assert.match(two.stderr, /^bench: three and --name=four are two clusters: give one of them$/m);
  const none = await clusters.attempt("down", "four");
  assert.match(none.stderr, /^bench: there is no cluster four: give three$/m);
  assert.equal([alone.code, two.code, none.code], [2, 2, 2]);
});

test("a paused member does not answer until it is resumed", async ({ clusters }) => {
  await clusters.run("pause", "etcd2");
  const paused = (await clusters.status("three")).members[1]!;
  assert.equal([paused.state, paused.isHealthy], ["paused", false]);
  await clusters.run("resume", "all");
  assert.is((await clusters.status("three")).members[1]!.state, "running");
});

test("how long a member has run does not follow the wall clock", async ({ clusters }) => {
  if (startTimeOf(process.pid)?.includes("/") !== true) return; // Without /proc there is no other clock.
  const file = join(clusters.clustersFolder, "three", "cluster.json");
  const saved = readFileSync(file, "utf8");
  // As if the clock had been set forward by a day since.
  const shifted = saved.replaceAll(/"startedAt": ?"[^"]*"/g, () => {
    return `"startedAt":"${new Date(Date.now() - 86_400_000).toISOString()}"`;
  });
  assert.is.not(shifted, saved);
  writeFileSync(file, shifted);
  const { members } = await clusters.status("three");
  writeFileSync(file, saved);
  for (const { uptimeSeconds } of members) {
    assert.ok(uptimeSeconds! >= 0 && uptimeSeconds! < 80_000, `${uptimeSeconds} s`);
  }
});

test("a member is added and removed, and an error about an unknown name lists the members", async ({
  clusters,
}) => {
  assert.match(await clusters.run("add", "fourth"), /^fourth: added as a member at /);
  const { members } = await clusters.status("three");
  const fourth = members[3]!;
  assert.is(fourth.name, "fourth");
  await clusters.run("remove", fourth.id!);
  assert.not.ok(existsSync(fourth.dataDir));
  assert.is((await clusters.status("three")).members.length, 3);
  const { code, stderr } = await clusters.attempt("kill", "fourth");
  assert.is(code, 2);
  assert.match(stderr, /"fourth" is no member of the cluster; give one of etcd1, etcd2, etcd3/);
});

test("the environment variables for etcdctl contain all members", async ({ clusters }) => {
  const { members } = await clusters.status("three");
  const urls = members.map(({ endpoint }) => `http://${endpoint}`).join(",");
  assert.match(await clusters.run("env"), `export ETCDCTL_ENDPOINTS='${urls}'\n`);
});

test("a cluster with kept data starts on it again, and no other cluster can use that folder", async ({
  clusters,
  etcd,
}) => {
  const data = join(clusters.folder, "data");
  const one = ["start", "--name=one", "--size=1", etcd, `--data-dir=${data}`];
  await clusters.run(...one, "--", "--snapshot-count=1000");
  const first = await clusters.status("one");
  const refused = await clusters.attempt("start", "--name=two", etcd, `--data-dir=${data}`);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /^bench: --data-dir=.* has the data of the cluster one: /m);

  await clusters.run("down", "--name=one", "--keep-data");
  assert.match(await clusters.run("list"), /^one +stopped +0\/1 /m);
  await clusters.run("start", "--name=one", "--size=1");
  assert.is((await clusters.status("one")).clusterId, first.clusterId);
  await clusters.run("down", "--name=one");
  assert.not.ok(existsSync(data));
  assert.equal(readdirSync(clusters.clustersFolder), ["three"]);
});

test("a data folder that is not empty is refused", async ({ clusters, etcd }) => {
  writeFileSync(join(clusters.folder, "file"), "");
  const { code, stderr } = await clusters.attempt("start", "--name=x", etcd, "--data-dir=.");
  assert.is(code, 2);
  assert.match(stderr, /^bench: --data-dir=.* is not empty: /m);
});

test("a cluster with TLS and authentication is measured with its own keys and user", async ({
  clusters,
  etcd,
}) => {
  const { env } = clusters;
  await clusters.run("start", "--name=secure", "--size=1", "--tls", "--auth", etcd);
  const { code, result, stderr } = await measure(["put", "--cluster=secure", "--total=50"], {
    env,
  });
  assert.is(code, 0, stderr);
  assert.is(result.plan.target.user, "root");
  assert.match(
    await clusters.run("env", "--name=secure"),
    /^export ETCDCTL_USER='root:[\w-]{32}'$/m,
  );
  await clusters.run("down", "--name=secure");
});

test("a killed start is listed, and down leaves none of its processes", async ({
  clusters,
  etcd,
}) => {
  const { env } = clusters;
  const start = new BenchProcess(["cluster", "start", "--name=killed", etcd], { env });
  const state = join(clusters.clustersFolder, "killed", "cluster.json");
  await start.until("the state file is there", async () => existsSync(state));
  start.signal("SIGKILL");
  await start.ended;
  assert.match(await clusters.run("list"), /^killed +a start that was interrupted/m);
  const { members } = await clusters.status("killed");
  await clusters.run("down", "--name=killed");
  for (const { pid } of members) {
    if (pid !== null) await until("the member is gone", () => startTimeOf(pid) === null);
  }
  assert.equal(readdirSync(clusters.clustersFolder), ["three"]);
});

test("down ends everything, and refuses what does not exist", async ({ clusters }) => {
  const { members } = await clusters.status("three");
  await clusters.run("down");
  for (const { pid } of members) assert.is(startTimeOf(pid!), null);
  assert.equal(readdirSync(clusters.clustersFolder), []);
  const { code, stderr } = await clusters.attempt("down");
  assert.is(code, 2);
  assert.match(stderr, /^bench: there is no cluster: start one with bench cluster start$/m);
});

test.run();
