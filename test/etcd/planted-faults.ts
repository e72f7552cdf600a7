/**
 * Makes faults in a healthy cluster of three members, each with the cause that `bench doctor` must
 * name. Lasting faults come from `--event` of a bench in the background, or from loads of bench.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { join } from "node:path";
import type { Cause } from "../../src/doctor/finding.ts";
import { ControlClient } from "../../src/etcd/control-client.ts";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import type { MemberRow } from "../../src/etcd/named-cluster/cluster-status.ts";
import { encodeMessage } from "../../src/protos.ts";
import { BenchProcess, bench } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import type { ClusterCommands } from "./cluster-commands.ts";
import { memberMetric } from "./member-metric.ts";
import { etcdForTests } from "./real-etcd.ts";

const NAME = "default";
const CPU_LOOPS = 4;
const QUOTA_BYTES = 64 * 2 ** 20;
const NEAR_QUOTA = 0.9;
const VALUE_BYTES = 64 * 1_024;
const FRAGMENTED_KEYS = 2_400;

/** Removes the fault. */
export type Undo = () => Promise<void>;

export interface PlantedFault {
  title: string;
  /** The expected cause; null: the cluster is healthy. */
  cause: Cause | null;
  /** Starts the cluster and prepares its data. */
  start(clusters: ClusterCommands): Promise<void>;
  /** Starts the fault for one diagnosis. */
  plant(clusters: ClusterCommands): Promise<Undo>;
  /** Takes CPU time from all other programs on this machine. */
  isLoud?: boolean;
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  { title: "a healthy cluster", cause: null, start: startPlain, plant: nothing },
  { title: "a slow disk", cause: "disk", start: startPlain, plant: slowDisk },
  { title: "a delayed peer", cause: "network", start: startProxied, plant: delayedPeer },
  { title: "large lists", cause: "requests", start: startWithLists, plant: largeLists },
  {
    title: "a watcher that does not read",
    cause: "watches",
    start: startPlain,
    plant: deafWatcher,
  },
  { title: "a quota that is near", cause: "database", start: startNearQuota, plant: nothing },
  { title: "fragmentation", cause: "database", start: startFragmented, plant: nothing },
  { title: "a skewed heartbeat", cause: "configuration", start: startSkewed, plant: nothing },
  { title: "CPU taken away", cause: "cpu", start: startPlain, plant: busyLoops, isLoud: true },
];

async function nothing(): Promise<Undo> {
  return async () => {};
}

async function startPlain(clusters: ClusterCommands, ...etcdFlags: string[]): Promise<void> {
  const etcd = `--etcd=${(await etcdForTests()).path}`;
  await clusters.run("start", etcd, ...(etcdFlags.length > 0 ? ["--", ...etcdFlags] : []));
}

async function startProxied(clusters: ClusterCommands): Promise<void> {
  await clusters.run("start", "--proxied", `--etcd=${(await etcdForTests()).path}`);
}

/** Runs bench in the background until `undo`. */
function background(
  clusters: ClusterCommands,
  ...args: string[]
): { run: BenchProcess; undo: Undo } {
  const run = new BenchProcess([...args, "--cluster", "--quiet", "--duration=1h"], {
    env: clusters.env,
    limitMs: 3_600_000,
  });
  return {
    run,
    async undo() {
      run.signal("SIGINT");
      await run.ended;
    },
  };
}

async function slowDisk(clusters: ClusterCommands): Promise<Undo> {
  const { members } = await clusters.status(NAME);
  const leader = members.find(({ role }) => role === "leader")!;
  const event = `--event=at=100ms slow-disk ${leader.name} 30ms`;
  const { run, undo } = background(clusters, "put", "--rate=20", "--clients=20", event);
  await run.until("strace is attached", async () => isTraced(leader.pid!));
  return undo;
}

function isTraced(pid: number): boolean {
  return !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

async function delayedPeer(clusters: ClusterCommands): Promise<Undo> {
  const event = "--event=at=100ms delay peer of etcd2 80ms";
  const { run, undo } = background(clusters, "put", "--rate=20", "--clients=20", event);
  const faults = join(clusters.clustersFolder, NAME, "faults");
  await run.until("a record of the delay", async () => {
    return existsSync(faults) && readdirSync(faults).length > 0;
  });
  return undo;
}

async function startWithLists(clusters: ClusterCommands): Promise<void> {
  await startPlain(clusters);
  await put(clusters, 5_000, "--val-size=2KiB", "--clients=50");
}

/** Puts keys with a separate prefix, in order from the first. */
async function put(clusters: ClusterCommands, keys: number, ...args: string[]): Promise<void> {
  const common = ["put", "--cluster", "--sequential-keys", "--prefix=planted/", "--key-size=16"];
  const sizes = [`--total=${keys}`, `--key-space-size=${keys}`];
  const end = await bench([...common, ...sizes, ...args], { env: clusters.env });
  if (end.code !== 0) throw new Error(end.stderr);
}

/** Reads lists of about 10 MB each from one member. */
async function largeLists(clusters: ClusterCommands): Promise<Undo> {
  const { members } = await clusters.status(NAME);
  const sent = () =>
    memberMetric(members[0]!.endpoint, "etcd_network_client_grpc_sent_bytes_total");
  const sentBefore = await sent();
  const run = new BenchProcess(
    [
      ...[
        "range",
        "planted/",
        "--prefix",
        "--consistency=s",
        `--endpoints=${members[0]!.endpoint}`,
      ],
      ...["--rate=4", "--clients=8", "--timeout=60s", "--duration=1h", "--quiet"],
    ],
    { env: clusters.env, limitMs: 3_600_000 },
  );
  await run.until("lists were sent", async () => {
    return (await sent()) - sentBefore > 50e6;
  });
  return async () => {
    run.signal("SIGINT");
    await run.ended;
  };
}

/** Opens watchers on a stream that nothing reads, while their keys are put all the time. */
async function deafWatcher(clusters: ClusterCommands): Promise<Undo> {
  const [member] = (await clusters.status(NAME)).members;
  const session = watchWithoutReading(member!.endpoint, 20);
  const load = ["put", "--rate=60", "--clients=60", "--val-size=4KiB"];
  const keys = ["--prefix=planted/", "--key-size=16", "--key-space-size=100"];
  const { run, undo } = background(clusters, ...load, ...keys);
  await run.until("watchers are slow", async () => {
    return (await memberMetric(member!.endpoint, "etcd_debugging_mvcc_slow_watcher_total")) > 0;
  });
  return async () => {
    await undo();
    session.destroy();
  };
}

function watchWithoutReading(endpoint: string, watchers: number): ClientHttp2Session {
  const session = connect(`http://${endpoint}`);
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": "/etcdserverpb.Watch/Watch",
    "content-type": "application/grpc",
    te: "trailers",
  });
  // Without a data listener Node reads nothing, and the stream's window stays full.
  stream.on("error", () => {}).pause();
  for (let watcher = 0; watcher < watchers; watcher++) {
    const request = {
      createRequest: { key: Buffer.from("planted/"), rangeEnd: Buffer.from("planted0") },
    };
    const message = encodeMessage("etcdserverpb.WatchRequest", request);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.write(Buffer.concat([prefix, message]));
  }
  return session;
}

async function startNearQuota(clusters: ClusterCommands): Promise<void> {
  await startPlain(clusters, `--quota-backend-bytes=${QUOTA_BYTES}`);
  const [member] = (await clusters.status(NAME)).members;
  // The same keys are put again and again: their old values stay as history.
  await put(clusters, 790, `--val-size=${VALUE_BYTES}`, "--clients=8");
  await until("the database is near its quota", async () => {
    await put(clusters, 20, `--val-size=${VALUE_BYTES}`, "--clients=4");
    return (await sizeOf(member!)) >= NEAR_QUOTA * QUOTA_BYTES;
  });
}

function sizeOf({ endpoint }: MemberRow): Promise<number> {
  return memberMetric(endpoint, "etcd_mvcc_db_total_size_in_bytes");
}

async function startFragmented(clusters: ClusterCommands): Promise<void> {
  await startPlain(clusters);
  await put(clusters, FRAGMENTED_KEYS, `--val-size=${VALUE_BYTES}`, "--clients=16");
  const { members } = await clusters.status(NAME);
  const control = new ControlClient(
    members.map(({ endpoint }) => endpoint),
    { timeoutMs: 60_000 },
  );
  try {
    const range = { key: Buffer.from("planted/"), rangeEnd: Buffer.from("planted0") };
    const { revision } = await control.deleteRange(range);
    await control.compact({ revision, physical: true });
  } finally {
    control.close();
  }
  await until("the space is free in each file", async () => {
    const inUse = await Promise.all(
      members.map(({ endpoint }) =>
        memberMetric(endpoint, "etcd_mvcc_db_total_size_in_use_in_bytes"),
      ),
    );
    return inUse.every((bytes) => bytes < 20e6);
  });
}

/** Starts a cluster where one member has three times the heartbeat and election timeout. */
async function startSkewed(clusters: ClusterCommands): Promise<void> {
  const { path } = await etcdForTests();
  const ports = await freePorts(6);
  const names = ["etcd1", "etcd2", "etcd3"];
  const url = (index: number) => `http://127.0.0.1:${ports[index]}`;
  const peers = names.map((name, index) => `${name}=${url(index + 3)}`).join(",");
  const lines = names.map((name, index) => {
    const timers =
      name === "etcd2"
        ? "--heartbeat-interval=300 --election-timeout=3000"
        : "--heartbeat-interval=100";
    const flags = [
      ...[`--name=${name}`, `--data-dir=${join(clusters.folder, name)}`, timers, "--logger=zap"],
      ...[`--listen-client-urls=${url(index)}`, `--advertise-client-urls=${url(index)}`],
      ...[
        `--listen-peer-urls=${url(index + 3)}`,
        `--initial-advertise-peer-urls=${url(index + 3)}`,
      ],
      ...[`--initial-cluster=${peers}`, "--initial-cluster-state=new"],
    ];
    return `${name}: ${path} ${flags.join(" ")}`;
  });
  writeFileSync(join(clusters.folder, "Procfile"), `${lines.join("\n")}\n`);
  await clusters.run("start", "--procfile=Procfile");
}

async function busyLoops(): Promise<Undo> {
  const loops = Array.from({ length: CPU_LOOPS }, (): ChildProcess => {
    return spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  });
  await Promise.all(loops.map((loop) => once(loop, "spawn")));
  return async () => {
    await Promise.all(
      loops.map(async (loop) => {
        const ended = once(loop, "close");
        loop.kill("SIGKILL");
        await ended;
      }),
    );
  };
}
