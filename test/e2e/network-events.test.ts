/**
 * Makes network faults with `--event` on real members with real proxies: each fault is visible from
 * outside while it is in force, and gone after Ctrl-C.
 */
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ClusterStatus } from "../../src/etcd/named-cluster/cluster-status.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

const LOAD = ["--rate=50", "--clients=20", "--conns=3", "--timeout=1s"];

const test = suite<{ clusters: ClusterCommands }>("faults of the network in a run");

before(test, async (context) => {
  context.clusters = new ClusterCommands();
  const etcd = `--etcd=${(await etcdForTests()).path}`;
  await context.clusters.run("start", "--proxied", etcd);
});

test.after(({ clusters }) => clusters.end());

/** Runs load with the event until `isSeen`, then Ctrl-C; checks that it was made and reverted. */
async function during(
  clusters: ClusterCommands,
  event: string,
  isSeen: () => Promise<boolean>,
): Promise<void> {
  const run = new BenchProcess(
    ["put", "--cluster", ...LOAD, "--duration=10m", `--event=at=100ms ${event}`, "--output=json"],
    { env: clusters.env },
  );
  try {
    await run.until(`a record of ${event}`, async () => recordsOf(clusters).length > 0);
    await run.until(event, isSeen);
  } finally {
    run.signal("SIGINT");
  }
  const { result, code } = measuredBy(await run.ended);
  assert.is(code, 130);
  const made = result.moments.filter(({ text }) => text !== null);
  assert.equal(
    made.map(({ text, error }) => [text, error]),
    [[event, null]],
  );
}

function recordsOf({ clustersFolder }: ClusterCommands): string[] {
  const folder = join(clustersFolder, "default", "faults");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Milliseconds until the client port answers; null when it does not within 10 s. */
async function answerMs({ endpoint }: { endpoint: string }): Promise<number | null> {
  const startMs = performance.now();
  try {
    // A new connection, as a new client has.
    const headers = { connection: "close" };
    const signal = AbortSignal.timeout(patient(10_000));
    await (await fetch(`http://${endpoint}/metrics`, { signal, headers })).text();
    return performance.now() - startMs;
  } catch {
    return null;
  }
}

async function opened(endpoint: string): Promise<Socket> {
  const { hostname, port } = new URL(`tcp://${endpoint}`);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  return socket;
}

/** Whether the peer resets a new connection, immediately or after accepting it. */
function isReset(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${endpoint}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) }).resume();
    socket.setTimeout(patient(3_000), () => socket.destroy());
    socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNRESET"));
    socket.on("close", () => resolve(false));
  });
}

test("clients see a delay, a bandwidth limit and a blackhole, which are gone after Ctrl-C", async ({
  clusters,
}) => {
  const [, second] = (await clusters.status("default")).members;
  // One delay for the request and one for the answer.
  await during(clusters, "delay client of etcd2 2s", async () => {
    return ((await answerMs(second!)) ?? 0) >= 4_000;
  });
  // The page is much larger than that.
  await during(clusters, "bandwidth client rx of etcd2 2000B/s", async () => {
    const ms = await answerMs(second!);
    return ms === null || ms >= 2_500;
  });
  await during(
    clusters,
    "blackhole client of etcd2",
    async () => (await answerMs(second!)) === null,
  );
  await until("etcd2 answers at once", async () => ((await answerMs(second!)) ?? 9e9) < 2_000);
});

test("loss refuses new connections, and a reset closes existing ones", async ({ clusters }) => {
  const [first] = (await clusters.status("default")).members;
  const open = await opened(first!.endpoint);
  open.on("error", () => {}).resume();
  await during(clusters, "loss client of etcd1 100%", async () => {
    return await isReset(first!.endpoint);
  });
  assert.not.ok(open.destroyed, "loss concerns new connections alone");
  await during(clusters, "reset client of etcd1", async () => open.destroyed);
  await until("etcd1 answers", async () => (await answerMs(first!)) !== null);
});

test("an isolated member knows no leader, the others elect one, and clients reach all members", async ({
  clusters,
}) => {
  const before = await clusters.status("default");
  const leader = leaderOf(before)!;
  const others = before.members.filter(({ name }) => name !== leader.name);
  const groups = `${leader.name}|${others.map(({ name }) => name).join(",")}`;
  await during(clusters, `partition ${groups}`, async () => {
    const { members } = await clusters.status("default");
    const cutOff = members.find(({ name }) => name === leader.name)!;
    const next = members.find(({ name, role }) => name !== leader.name && role === "leader");
    // It answers directly and through its proxy.
    return (
      next !== undefined &&
      next.raftTerm! > leader.raftTerm! &&
      !cutOff.isHealthy &&
      cutOff.id !== null &&
      (await answerMs(cutOff)) !== null
    );
  });
  await until("all are healthy in one term", async () => {
    const { members } = await clusters.status("default");
    const terms = new Set(members.map(({ raftTerm }) => raftTerm));
    return members.every(({ isHealthy }) => isHealthy) && terms.size === 1;
  });
});

test("a throwaway cluster has the same faults, and a restored member gets its proxy back", async () => {
  const { code, result, stderr } = await measure([
    ...["put", "--local=3", "--proxied", ...LOAD, `--duration=${patient(24_000)}ms`],
    "--event=at=500ms for=1s delay client of etcd1 50ms",
    "--event=at=3s for=1s remove etcd2",
    // Late enough to be restored: adding and starting a member takes many seconds on a busy machine.
    `--event=at=${patient(20_000)}ms for=1s bandwidth peer of etcd2 100kB/s`,
  ]);
  assert.is(code, 0, stderr);
  assert.equal(
    result.moments.flatMap(({ text, error }) => (text === null ? [] : [[text, error]])),
    [
      ["delay client of etcd1 50ms", null],
      ["remove etcd2", null],
      ["bandwidth peer of etcd2 100000B/s", null],
    ],
  );
  assert.ok(result.plan.target.local?.proxied);
});

function leaderOf({ members }: ClusterStatus) {
  return members.find(({ role }) => role === "leader");
}

test.run();
