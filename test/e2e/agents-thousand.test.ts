/**
 * Measures one `bench` with many simulated agents: CPU time for each second of load, memory growth,
 * and the size of the coordination etcd. BENCH_TEST_AGENTS and BENCH_TEST_AGENTS_SECONDS replace the
 * default numbers, which a small machine can send in time.
 */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { Recorder, type RecorderSnapshot } from "../../src/load/recording/recorder.ts";
import { SeedStream } from "../../src/random.ts";
import { initHistograms } from "../../src/stats/histogram.ts";
import { CoordinationEtcd } from "../etcd/coordination.ts";
import { memberMetric } from "../etcd/member-metric.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, measuredBy, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";
import { SimulatedAgents } from "../peers/simulated-agents.ts";

const AGENTS = Number(process.env.BENCH_TEST_AGENTS ?? 250);
const SECONDS = Number(process.env.BENCH_TEST_AGENTS_SECONDS ?? 40);
/** Requests of each agent in each second. */
const REQUESTS = 1_000;
const KINDS = 8;
/** In the first seconds, code is compiled and etcd's first revisions are written. */
const WARM_SECONDS = Math.min(45, SECONDS / 2);
const TICKS_PER_SEC = 100;
const LATENCIES = new SeedStream("simulated.agents");

let target: LocalCluster;
let coordination: CoordinationEtcd;

before(test, async () => {
  await initHistograms();
  target = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  coordination = await CoordinationEtcd.start(false);
});

test.after(async () => {
  await target?.down();
  await coordination?.cluster.down();
});

/** Latencies around 2 ms with a long tail, like those of puts. */
function secondOf(kind: number): RecorderSnapshot {
  const random = LATENCIES.random(kind, 0);
  const recorder = new Recorder();
  for (let request = 0; request < REQUESTS; request++) {
    const serviceNs = 2e6 * Math.exp(0.5 * (random() + random() + random() - 1.5) * 2);
    recorder.succeededPaced(serviceNs, serviceNs + 1e5 * random());
    recorder.dispatched(5e4 * random());
  }
  return recorder.takeSnapshot();
}

interface Sample {
  /** Number of seconds received from all agents. */
  round: number;
  cpuSeconds: number;
  rssBytes: number;
  databaseBytes: number;
  usedBytes: number;
}

async function sampleOf(pid: number): Promise<Omit<Sample, "round">> {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  const figure = (name: string) => memberMetric(coordination.endpoint, name);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC,
    rssBytes: Number(rss) * 1024,
    databaseBytes: await figure("etcd_mvcc_db_total_size_in_bytes"),
    usedBytes: await figure("etcd_mvcc_db_total_size_in_use_in_bytes"),
  };
}

test("a second of a thousand agents takes less than a second of CPU, and memory and etcd stay bounded", async () => {
  const agents = await SimulatedAgents.join({
    ...{ join: coordination.join, count: AGENTS },
    seconds: Array.from({ length: KINDS }, (_, kind) => secondOf(kind)),
  });
  const run = new BenchProcess(
    [
      ...["range", "k", `--endpoints=${target.endpoints[0]}`, `--agents=${AGENTS}`],
      ...[`--conns=${AGENTS}`, `--clients=${AGENTS}`, `--rate=${AGENTS * REQUESTS}`, "--force"],
      ...[`--duration=${SECONDS}s`, `--coordination=${coordination.file()}`, "--output=json"],
    ],
    { limitMs: patient(SECONDS * 10e3 + 900_000) },
  );
  const samples: Sample[] = [];
  try {
    await run.said(/measuring/);
    // Waits for each second separately, because all of them can exceed the time limit.
    while (agents.rounds < SECONDS - 1) {
      const seen = agents.rounds;
      await run.until("another second has come", async () => agents.rounds > seen);
      samples.push({ ...(await sampleOf(run.pid)), round: agents.rounds });
    }
    const { result, code } = measuredBy(await run.ended);
    assert.is(code, 0, JSON.stringify(result.verdict));
    assert.is(onlyOperation(result).requests.succeeded, AGENTS * REQUESTS * SECONDS);
    assert.is(result.client.agents!.length, AGENTS);
  } finally {
    run.signal("SIGKILL");
    await agents.leave();
  }
  const warm = samples.filter(({ round }) => round >= WARM_SECONDS);
  const [first, last] = [warm[0]!, warm.at(-1)!];
  const cpuPerSecond = (last.cpuSeconds - first.cpuSeconds) / (last.round - first.round);
  const ofThousand = (cpuPerSecond * 1e3) / AGENTS;
  const most = (figure: keyof Sample, of: Sample[]) => Math.max(...of.map((each) => each[figure]));
  const half = Math.floor(warm.length / 2);
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `${agents.sent.frames} frames of ${(agents.sent.bytes / agents.sent.frames).toFixed(0)} octets; ` +
      `${cpuPerSecond.toFixed(3)} s of CPU for a second of all agents, ${ofThousand.toFixed(3)} s of a thousand; resident ${mb(first.rssBytes)}, ` +
      `most of the first half ${mb(most("rssBytes", warm.slice(0, half)))}, ` +
      `of the second ${mb(most("rssBytes", warm.slice(half)))}; database at most ` +
      `${mb(most("databaseBytes", warm))}, in use ${mb(most("usedBytes", warm))}, ` +
      `at the end ${mb(last.databaseBytes)} and ${mb(last.usedBytes)}`,
  );
  assert.ok(ofThousand < 1, `${ofThousand} s of CPU for a second of a thousand agents`);
  const growth = most("rssBytes", warm.slice(half)) / most("rssBytes", warm.slice(0, half));
  assert.ok(growth < 1.15, `its memory grew ${growth} times`);
});

test.run();
