/** Runs open loops on a real etcd: the schedule is kept, and a freeze is not left out. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { Latency } from "../../src/result/schema.ts";
import { initHistograms, LatencyHistogram } from "../../src/stats/histogram.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import {
  BenchProcess,
  type Measured,
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
  await initHistograms();
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(async () => {
  await cluster?.down();
});

function paced(command: string, ...flags: string[]): Promise<Measured> {
  return measure([command, `--endpoints=${endpoint}`, ...flags]);
}

for (const [rate, duration, workers, pacing] of [
  [500, 1, 1, "nap"],
  [333, 1, 3, "nap"],
  [200, 1, 2, "timer"],
  [200, 1, 1, "spin"],
] as const) {
  test(`${rate} per second for ${duration} s are ${rate * duration} offered, with both clocks (${workers} worker(s), ${pacing})`, async () => {
    const { code, result, stderr } = await paced(
      "range",
      `--rate=${rate}`,
      `--duration=${duration}s`,
      `--pacing=${pacing}`,
      `--workers=${workers}`,
      "--conns=5",
      "--clients=50",
    );
    assert.is(code, 0, stderr);
    const { requests, serviceTime, responseTime, littlesLaw } = onlyOperation(result);
    assert.is(requests.offered, rate * duration);
    assert.is(requests.failed, 0);
    // Requests due just before the end are cut off, more of them on a slow machine.
    assert.ok(requests.succeeded > 0, JSON.stringify(requests));
    assert.is(responseTime!.count, requests.succeeded);
    assert.ok(serviceTime.p50Ms! > 0 && responseTime!.p50Ms! >= serviceTime.p50Ms!);
    assert.is(littlesLaw, null);
    assert.type(result.client.dispatchLagP50Ms, "number");
  });
}

test("a rate with a total sends the whole total, in the time that results from the rate", async () => {
  const { result } = await paced("put", "--rate=250", "--total=500", "--clients=10");
  const { requests, durationSeconds } = onlyOperation(result);
  assert.equal([requests.offered, requests.succeeded, requests.dropped], [500, 500, 0]);
  assert.ok(durationSeconds > 1.9, `${durationSeconds} s`);
});

test("a closed loop has one clock, and obeys Little's law", async () => {
  const { result } = await paced("range", "--total=500", "--clients=4");
  const { responseTime, littlesLaw } = onlyOperation(result);
  assert.is(responseTime, null);
  assert.ok(Math.abs(littlesLaw!.ratio - 1) < 0.3, JSON.stringify(littlesLaw));
});

test("Poisson arrivals offer about the rate, and the same seed gives the same count", async () => {
  const offered: number[] = [];
  for (const seed of [3, 3, 4]) {
    const flags = ["--rate=400", "--duration=1s", "--arrival=poisson", "--clients=50", "--conns=2"];
    const { code, result } = await paced("range", ...flags, "--workers=2", `--seed=${seed}`);
    assert.is(code, 0);
    offered.push(onlyOperation(result).requests.offered);
  }
  assert.is(offered[0], offered[1]);
  assert.is.not(offered[0], offered[2]);
  // 400 on average with a standard deviation of 20.
  for (const count of offered) assert.ok(count > 280 && count < 520, `${count}`);
});

test("due requests that could not be sent are dropped, counted, and make the rate unmet", async () => {
  // One client can have one request in flight: it cannot send 50,000 in half a second.
  const { code, result } = await paced(
    "put",
    ...["--rate=100000", "--duration=500ms", "--clients=1", "--timeout=500ms"],
  );
  const { requests } = onlyOperation(result);
  assert.is(code, 0);
  assert.is(requests.offered, 50_000);
  assert.ok(requests.dropped > 0);
  assert.ok(["rate-unmet", "client-limited"].includes(result.verdict.kind), result.verdict.kind);
  assert.ok(result.verdict.reasons.some((reason) => reason.includes("raise --clients")));
});

/** Less than etcd's own timeout of a put. */
const FREEZE_MS = 1_400;
const FREEZE_RATE = 200;
const FREEZE_RUN_SECONDS = patient(5);

/** The number of recorded times above `ms`. */
function countAbove({ histogram, count }: Latency, ms: number): number {
  const times = LatencyHistogram.fromBase64(histogram!);
  let [within, beyond] = [0, count + 1];
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (times.percentileNs((100 * middle) / count) <= ms * 1e6) within = middle;
    else beyond = middle;
  }
  times.destroy();
  return count - within;
}

test("a server frozen for a while delays all due requests, although only one was in flight", async () => {
  const before = (await readStored(endpoint)).revision;
  const load = [`--rate=${FREEZE_RATE}`, `--duration=${FREEZE_RUN_SECONDS}s`, "--clients=1"];
  const flags = [...load, "--timeout=1m", "--output=json"];
  const run = new BenchProcess(["put", `--endpoints=${endpoint}`, ...flags]);
  await run.until("some puts were in", async () => {
    return (await readStored(endpoint)).revision > before + 20;
  });
  cluster.pause("etcd1");
  const pausedMs = performance.now();
  try {
    await until("the freeze is over", () => performance.now() - pausedMs >= FREEZE_MS, 1);
  } finally {
    cluster.resume("etcd1");
  }
  const { code, result, stderr } = measuredBy(await run.ended);
  assert.is(code, 0, stderr);
  const { requests, serviceTime, responseTime } = onlyOperation(result);
  assert.is(requests.offered, FREEZE_RATE * FREEZE_RUN_SECONDS);
  assert.ok(serviceTime.maxMs! > FREEZE_MS * 0.9, `in flight: ${serviceTime.maxMs} ms`);
  // One client: a long delay of one request, even by the machine, delays many arrivals.
  const inFlight = countAbove(serviceTime, FREEZE_MS / 2);
  const delayed = countAbove(responseTime!, FREEZE_MS / 2);
  const shown = `${inFlight} in flight, ${delayed} delayed of ${JSON.stringify(requests)}`;
  assert.ok(inFlight >= 1 && delayed >= FREEZE_RATE * (FREEZE_MS / 2_000) * 0.9, shown);
  assert.ok(delayed >= 10 * inFlight, shown);
});

test("a server frozen until after the end delays all due requests, and none is left out", async () => {
  const ratePerSec = 250;
  // A longer run makes the freeze longer than etcd's own timeout of a put.
  const seconds = Math.min(12, Math.ceil(patient(4)));
  const offered = ratePerSec * seconds;
  const before = (await readStored(endpoint)).revision;
  const load = [`--rate=${ratePerSec}`, `--duration=${seconds}s`, "--clients=5"];
  const flags = [...load, "--timeout=1m", "--output=json"];
  const run = new BenchProcess(["put", `--endpoints=${endpoint}`, ...flags]);
  await run.until("most of the puts were in", async () => {
    return (await readStored(endpoint)).revision > before + 0.7 * offered;
  });
  cluster.pause("etcd1");
  const pausedMs = performance.now();
  // The rest of the schedule, plus one second.
  const freezeMs = 0.3 * seconds * 1_000 + 1_000;
  try {
    await until("the freeze is over", () => performance.now() - pausedMs >= freezeMs, 1);
  } finally {
    cluster.resume("etcd1");
  }
  const { code, result, stderr } = measuredBy(await run.ended);
  assert.is(code, 0, stderr);
  const { requests, responseTime } = onlyOperation(result);
  assert.equal([requests.offered, requests.succeeded, requests.dropped], [offered, offered, 0]);
  assert.is(responseTime!.missing, null);
  // Requests due during the freeze waited for at least this second after the end.
  assert.ok(responseTime!.maxMs! >= 1_000, JSON.stringify(responseTime));
  assert.ok(countAbove(responseTime!, 990) >= ratePerSec / 2, JSON.stringify(responseTime));
});

test.run();
