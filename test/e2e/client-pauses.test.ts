/** Pauses bench or etcd during a run: only the first counts as a pause of the client. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, measuredBy, onlyOperation } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

const STOP_MS = 2_000;
/** Maximum extra delay before a busy machine stops and continues a process. */
const LATER_MS = patient(3_000);

let cluster: LocalCluster;
let endpoint: string;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(async () => {
  await cluster?.down();
});

/**
 * Runs puts; after the first ones, stops and continues a process; after more puts, ends the run and
 * returns the result.
 */
async function stoppedMidway(
  flags: readonly string[],
  stop: (run: BenchProcess) => void,
  resume: (run: BenchProcess) => void,
): Promise<RunResult> {
  const args = ["put", `--endpoints=${endpoint}`, "--clients=4", "--conns=2", "--output=json"];
  const run = new BenchProcess([...args, "--duration=10m", ...flags]);
  const morePuts = async () => {
    const { revision } = await readStored(endpoint);
    await run.until("more puts are in", async () => {
      return (await readStored(endpoint)).revision > revision + 100;
    });
  };
  await morePuts();
  stop(run);
  const stoppedAtMs = performance.now();
  try {
    await until("the stop is over", () => performance.now() - stoppedAtMs >= STOP_MS, 1);
  } finally {
    resume(run);
  }
  await morePuts();
  run.signal("SIGINT");
  return measuredBy(await run.ended).result;
}

for (const flags of [["--rate=200"], []]) {
  const loop = flags.length > 0 ? "paced run" : "closed loop";

  test(`a ${loop} in which bench is stopped is client-limited, and the pause has the length of the stop`, async () => {
    const { verdict, client, operations } = await stoppedMidway(
      flags,
      (run) => run.signal("SIGSTOP"),
      (run) => run.signal("SIGCONT"),
    );
    assert.is(verdict.kind, "client-limited", JSON.stringify(verdict));
    assert.match(verdict.reasons.join("\n"), /this client paused/);
    const pauses = client.pauses!;
    // A busy machine may have kept one thread from running for longer.
    const ofStop = pauses.longest.filter(
      ({ durationMs, workers, isOfMainThread, cause }) =>
        durationMs > STOP_MS - 100 &&
        durationMs < STOP_MS + LATER_MS &&
        workers === 1 &&
        isOfMainThread &&
        cause === "not-run",
    );
    assert.ok(ofStop.length > 0, JSON.stringify(pauses));
    const marked = operations[0]!.intervals.reduce(
      (sum, each) => sum + (each.clientPausedMs ?? 0),
      0,
    );
    assert.ok(marked > STOP_MS - 200, `${marked} ms are marked`);
  });

  test(`a ${loop} in which etcd is stopped shows no such pause of the client`, async () => {
    const result = await stoppedMidway(
      flags,
      () => cluster.pause("etcd1"),
      () => cluster.resume("etcd1"),
    );
    const { pauses } = result.client;
    const { serviceTime } = onlyOperation(result);
    assert.ok(serviceTime.maxMs! > STOP_MS - 100, `${serviceTime.maxMs} ms`);
    // On a busy machine the client may pause too, but for a shorter time.
    assert.ok(pauses!.longestMs < STOP_MS - 100, JSON.stringify(pauses));
    assert.not.match(result.verdict.reasons.join("\n"), /paused once for 2/);
  });
}

test("a stop while the keys are made ready is no pause of the run, which had not begun", async () => {
  const { revision } = await readStored(endpoint);
  const run = new BenchProcess([
    ...["range", "r", "--prefix", "--limit=1", `--endpoints=${endpoint}`, "--key-space-size=30000"],
    ...["--clients=4", "--rate=200", "--duration=2s", "--output=json"],
  ]);
  await run.until("the first keys are in", async () => {
    return (await readStored(endpoint)).revision > revision + 500;
  });
  run.signal("SIGSTOP");
  const stoppedAtMs = performance.now();
  const { revision: stopped } = await readStored(endpoint);
  try {
    await until("the stop is over", () => performance.now() - stoppedAtMs >= STOP_MS, 1);
  } finally {
    run.signal("SIGCONT");
  }
  const { verdict, client } = measuredBy(await run.ended).result;
  assert.ok(stopped < revision + 29_000, "the keys were being made ready");
  for (const { startSeconds, durationMs } of client.pauses!.longest) {
    assert.ok(startSeconds > -0.001, `${durationMs} ms at ${startSeconds} s`);
  }
  assert.not.match(verdict.reasons.join("\n"), / at -/);
});

test.run();
