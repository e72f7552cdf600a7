/**
 * Kills bench with SIGKILL during each kind of event on a permanent cluster: the next command repairs
 * everything and prints what it did.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ClusterStatus } from "../../src/etcd/named-cluster/cluster-status.ts";
import { requireStrace } from "../../src/events/strace.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ clusters: ClusterCommands }>("faults that a killed bench left");

before(test, async (context) => {
  requireStrace();
  context.clusters = new ClusterCommands();
  const etcd = `--etcd=${(await etcdForTests()).path}`;
  await context.clusters.run("start", "--proxied", etcd);
});

test.after(({ clusters }) => clusters.end());

type Seen = (status: ClusterStatus) => boolean | Promise<boolean>;

/** Kills a run after its events are in force; returns the lines of the next command about them. */
async function leave(
  clusters: ClusterCommands,
  events: readonly string[],
  isSeen: Seen,
): Promise<string[]> {
  const run = new BenchProcess(
    [
      ...["put", "--cluster", "--rate=20", "--clients=10", "--conns=3", "--duration=10m"],
      ...events.map((event) => `--event=at=100ms ${event}`),
    ],
    { env: clusters.env },
  );
  // Nothing is repaired while the run is alive.
  await run.until(events.join(), async () => isSeen(await clusters.status("default")));
  run.signal("SIGKILL");
  await run.ended;
  const listed = await clusters.attempt("list");
  assert.is(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /^default +running +3\/3 /m);
  await until("all members are healthy, and no record is left", async () => {
    const { members } = await clusters.status("default");
    const isHealthy = members.length === 3 && members.every((member) => member.isHealthy);
    return isHealthy && recordsOf(clusters).length === 0;
  });
  return listed.stderr.split("\n").filter((line) => line.startsWith("cluster default: "));
}

/** How the proxies' API prints a delay and a blackhole. */
const IN_FORCE = [/ latency: /, / blackhole: /];

function recordsOf({ clustersFolder }: ClusterCommands): string[] {
  return readdirSync(join(clustersFolder, "default", "faults"));
}

function member({ members }: ClusterStatus, name: string) {
  return members.find((each) => each.name === name);
}

function isTraced(status: ClusterStatus, name: string): boolean {
  return statusField(member(status, name)!.pid, "TracerPid") !== "0";
}

test("a pause, a slow disk and a kill", async ({ clusters }) => {
  const { members } = await clusters.status("default");
  const events = ["pause etcd1", "slow-disk etcd2 7ms", "kill etcd3"];
  const lines = await leave(clusters, events, (status) => {
    const states = [member(status, "etcd1")!.state, member(status, "etcd3")!.state];
    return states.join() === "paused,stopped" && isTraced(status, "etcd2");
  });
  assert.equal(lines, ["cluster default: etcd1: resumed", "cluster default: etcd3: started"]);
  // strace ends with bench, so no command needs to end it.
  assert.is(statusField(members[1]!.pid, "TracerPid"), "0");
});

test("an alarm, which is raised in etcd itself", async ({ clusters }) => {
  const lines = await leave(clusters, ["alarm nospace"], ({ members }) =>
    members.some(({ errors }) => errors.some((error) => error.includes("NOSPACE"))),
  );
  assert.equal(lines, ["cluster default: the alarm of full space is cleared"]);
});

test("a member that was temporarily removed", async ({ clusters }) => {
  const before = member(await clusters.status("default"), "etcd3")!;
  const lines = await leave(clusters, ["remove etcd3"], ({ members }) => members.length === 2);
  assert.equal(lines, ["cluster default: etcd3: added again, with empty data"]);
  const after = member(await clusters.status("default"), "etcd3")!;
  assert.is(after.endpoint, before.endpoint);
  assert.is.not(after.id, before.id);
});

test("a member that was temporarily added", async ({ clusters }) => {
  const lines = await leave(clusters, ["add etcd4"], (status) => {
    return member(status, "etcd4")?.isHealthy === true;
  });
  assert.equal(lines, ["cluster default: etcd4: removed"]);
});

test("a full disk that ended etcd", async ({ clusters }) => {
  const lines = await leave(clusters, ["fill-disk etcd2"], (status) => {
    return member(status, "etcd2")!.state === "stopped";
  });
  assert.equal(lines, ["cluster default: etcd2: started"]);
});

test("a partition and a delay in the proxies", async ({ clusters }) => {
  const { helpers } = await clusters.status("default");
  const ports = helpers.flatMap(({ faults }) => [faults!.clientApi, faults!.peerApi]);
  const inForce = async () => {
    const urls = ports.flatMap((port) =>
      ["tx", "rx"].map((way) => `http://127.0.0.1:${port}/faults-${way}`),
    );
    return (await Promise.all(urls.map(async (url) => (await fetch(url)).text()))).join("");
  };
  const events = ["partition etcd1|etcd2,etcd3", "delay client of etcd2 20ms"];
  const lines = await leave(clusters, events, async () => {
    const faults = await inForce();
    return IN_FORCE.every((pattern) => pattern.test(faults));
  });
  assert.match(lines.join("\n"), /etcd1: blackhole of its peer proxy \(tx\) cleared/);
  assert.match(lines.join("\n"), /etcd2: delay of its client proxy \(rx\) cleared/);
  const faults = await inForce();
  assert.not.ok(
    IN_FORCE.some((pattern) => pattern.test(faults)),
    faults,
  );
});

/** A field of proc(5)'s status; null when the process is gone. */
function statusField(pid: number | null, field: string): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    const value = new RegExp(`^${field}:\\s*(\\S+)`, "m").exec(text)?.[1] ?? null;
    return field === "State" && value === "Z" ? null : value;
  } catch {
    return null;
  }
}

test.run();
