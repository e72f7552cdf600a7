/** Starts local clusters of real etcds: changes of members, failed starts, and what a stop leaves. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../src/errors.ts";
import { startTimeOf } from "../../src/etcd/local-cluster/process-identity.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { knowsOfLeader, leaderIndex } from "../etcd/cluster-leader.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

/** Timeout of one call; only a hang reaches it. */
const CALL_BOUND_MS = patient(60_000);

async function withCluster(
  members: 1 | 3 | 5,
  body: (cluster: LocalCluster) => Promise<void>,
): Promise<void> {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members });
  try {
    await body(cluster);
  } finally {
    await cluster.down();
  }
}

/** Uses etcd's JSON gateway, so that this test needs no code of ours except the cluster. */
async function call(
  endpoint: string,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`http://${endpoint}/v3/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_BOUND_MS),
  });
  assert.is(response.status, 200);
  return (await response.json()) as Record<string, unknown>;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

async function read(endpoint: string, key: string): Promise<string | null> {
  const { kvs } = await call(endpoint, "kv/range", { key: base64(key) });
  const value = (kvs as { value: string }[] | undefined)?.[0]?.value;
  return value === undefined ? null : Buffer.from(value, "base64").toString();
}

const alive = (pid: number) => startTimeOf(pid) !== null;

function listenerCounts(): number[] {
  return ["exit", "SIGINT", "SIGTERM", "SIGHUP"].map((name) => process.listenerCount(name));
}

for (const members of [1, 3] as const) {
  test(`${members} member(s) start healthy, and stop leaves no process, folder or listener`, async () => {
    const before = listenerCounts();
    const binary = await etcdForTests();
    const said: string[] = [];
    const cluster = await startLocalCluster({ binary, members, say: (line) => said.push(line) });
    try {
      assert.is(cluster.members.length, members);
      assert.is(cluster.version, binary.version);
      assert.is(new Set(cluster.endpoints).size, members);
      const leaders = new Set<unknown>();
      for (const member of cluster.members) {
        assert.ok(Number(member.endpoint.split(":")[1]) < 32768);
        assert.ok(alive(member.pid));
        assert.ok(existsSync(member.dataDir) && existsSync(member.logPath));
        const metrics = await (await fetch(member.metricsUrl)).text();
        assert.match(metrics, /^etcd_server_has_leader 1$/m);
        const status = await call(member.endpoint, "maintenance/status", {});
        assert.is(status.version, binary.version);
        leaders.add(status.leader);
      }
      assert.is(leaders.size, 1);
      assert.match(said.join("\n"), cluster.endpoints[0]!);
      if (existsSync("/proc/self/mounts")) assert.type(cluster.dataFileSystem, "string");
    } finally {
      await cluster.down();
      await cluster.down();
    }
    assert.not.ok(existsSync(cluster.folder));
    assert.equal(cluster.members.map((member) => alive(member.pid)).includes(true), false);
    assert.equal(listenerCounts(), before);
  });
}

test("a killed member restarts with its data and another pid", () =>
  withCluster(1, async (cluster) => {
    const [member] = cluster.members;
    await call(member!.endpoint, "kv/put", { key: base64("kept"), value: base64("value") });
    const { pid } = member!;
    await cluster.kill("etcd1");
    assert.not.ok(alive(pid));
    assert.is(member!.running, false);
    await cluster.restart("etcd1");
    assert.is.not(member!.pid, pid);
    assert.is(await read(member!.endpoint, "kept"), "value");
  }));

test("members restart one by one after all were killed, and the last one restores the quorum", () =>
  withCluster(3, async (cluster) => {
    await call(cluster.endpoints[0]!, "kv/put", { key: base64("kept"), value: base64("value") });
    for (const { name } of cluster.members) await cluster.kill(name);
    for (const { name } of cluster.members) await cluster.restart(name);
    for (const endpoint of cluster.endpoints) assert.is(await read(endpoint, "kept"), "value");
  }));

test("a paused member does not answer, a resumed one does, and stop ends a paused member", async () => {
  let pid = 0;
  await withCluster(1, async (cluster) => {
    const [member] = cluster.members;
    pid = member!.pid;
    const answers = async () => {
      try {
        const signal = AbortSignal.timeout(patient(500));
        return (await fetch(`http://${member!.endpoint}/version`, { signal })).ok;
      } catch {
        return false;
      }
    };
    cluster.pause("etcd1");
    await until("the paused member falls silent", async () => !(await answers()));
    cluster.resume("etcd1");
    await until("the resumed member answers", answers);
    cluster.pause("etcd1");
  });
  assert.not.ok(alive(pid));
});

test("members join, leave and are replaced, and the data of a removed member is deleted", () =>
  withCluster(3, async (cluster) => {
    await call(cluster.endpoints[0]!, "kv/put", { key: base64("kept"), value: base64("value") });
    const added = await cluster.add();
    assert.is(added.name, "etcd4");
    assert.is(await read(added.endpoint, "kept"), "value");

    const [first] = cluster.members;
    await cluster.replace(first!.name);
    const again = cluster.members.find(({ name }) => name === first!.name)!;
    assert.is(again.endpoint, first!.endpoint);
    assert.is.not(again.dataDir, first!.dataDir);
    assert.not.ok(existsSync(first!.dataDir));
    assert.is(await read(again.endpoint, "kept"), "value");

    await cluster.remove(added.name);
    assert.not.ok(existsSync(added.dataDir));
    assert.not.ok(alive(added.pid));
    const { members } = await call(again.endpoint, "cluster/member/list", {});
    const names = (members as { name: string }[]).map(({ name }) => name).sort();
    assert.equal(names, ["etcd1", "etcd2", "etcd3"]);
  }));

test("a member that is stopped transfers leadership, so that another member leads immediately", () =>
  withCluster(3, async (cluster) => {
    const leader = cluster.members[await leaderIndex(cluster)]!;
    await cluster.stop(leader.name);
    assert.not.ok(leader.running);
    const other = cluster.members.find(({ name }) => name !== leader.name)!;
    assert.ok(await knowsOfLeader(other.endpoint));
    await cluster.restart(leader.name);
  }));

const testWithProc = existsSync("/proc/self/stat") ? test : test.skip;

testWithProc(
  "members have their own process groups, so that Ctrl-C does not reach them",
  async () => {
    await withCluster(1, async (cluster) => {
      const { pid } = cluster.members[0]!;
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      assert.is(Number(processGroup), pid);
    });
  },
);

test("settings for the user's etcd in the environment do not affect the cluster", async () => {
  process.env.ETCD_DATA_DIR = "/nonexistent/etcd";
  process.env.ETCD_CERT_FILE = "/nonexistent/cert";
  try {
    await withCluster(1, async (cluster) => {
      assert.ok(readdirSync(cluster.members[0]!.dataDir).includes("member"));
    });
  } finally {
    delete process.env.ETCD_DATA_DIR;
    delete process.env.ETCD_CERT_FILE;
  }
});

test("an etcd that cannot start is a usage error with the end of its log, and all is removed", async () => {
  const before = listenerCounts();
  const options = { binary: await etcdForTests(), members: 3 as const };
  const extraArgs = ["--heartbeat-interval=1000", "--election-timeout=1000"];
  try {
    await startLocalCluster({ ...options, extraArgs });
    assert.unreachable("it started");
  } catch (error) {
    assert.instance(error, BenchError);
    const { message } = error as BenchError;
    assert.match(message, options.binary.path);
    assert.match(message, "election-timeout");
    assert.not.match(message, "\n");
  }
  assert.equal(listenerCounts(), before);
});

test("when another program takes a port, the cluster starts again on other ports", () =>
  withCluster(1, async (other) => {
    const said: string[] = [];
    // The last flag wins, so each attempt uses the port of the other cluster.
    const extraArgs = [`--listen-client-urls=http://${other.endpoints[0]}`];
    const binary = await etcdForTests();
    try {
      await startLocalCluster({ binary, members: 1, extraArgs, say: (line) => said.push(line) });
      assert.unreachable("it started");
    } catch (error) {
      assert.instance(error, BenchError);
      assert.match((error as BenchError).message, "address already in use");
    }
    assert.is(said.filter((line) => line.includes("starting again")).length, 4);
  }));

test.run();
