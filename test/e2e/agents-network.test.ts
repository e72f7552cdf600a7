/**
 * Runs agents with separate addresses and clocks: each clock's offset is known within the stated
 * uncertainty, and all agents start together, at any network delay. bench's own proxy makes the delay,
 * because few kernels for tests have netem.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import type { Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { FaultProxy } from "../../src/proxy/fault-proxy.ts";
import type { AgentResult } from "../../src/result/schema.ts";
import { CoordinationEtcd } from "../etcd/coordination.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { measure } from "../harness/bench-process.ts";
import { builtBench } from "../harness/built-bench.ts";
import { before } from "../harness/hooks.ts";
import { NetworkNamespace, NO_NAMESPACES } from "../peers/network-namespace.ts";

interface Context {
  target: LocalCluster;
  coordination: CoordinationEtcd;
  namespaces: NetworkNamespace[];
}

/** Seconds by which each agent's monotonic clock is ahead. */
const AHEAD_SECONDS = [1_000, 54_321, -3_000];
/** Runs until agents start together, because the machine may freeze; clocks must be right in all. */
const RUNS = 10;
const MOST_SPREAD_MS = 5;

const IN_TIME_NAMESPACE = ["unshare", "--time", "--fork", "--kill-child=SIGTERM"];

const reason = NO_NAMESPACES ?? whyNoClocks();
const test = suite<Context>("agents with addresses and clocks of their own");

before(test, async (context) => {
  context.namespaces = AHEAD_SECONDS.map(() => new NetworkNamespace());
  const host = context.namespaces[0]!.outside;
  context.target = await startLocalCluster({ binary: await etcdForTests(), members: 1, host });
  context.coordination = await CoordinationEtcd.start(true, host);
});

test.after(async ({ target, coordination, namespaces }) => {
  await target?.down();
  await coordination?.cluster.down();
  for (const namespace of namespaces ?? []) namespace.remove();
});

/** Milliseconds between the first and the last start, by the clock of this machine. */
function trueSpread(agents: readonly AgentResult[], aheadMs: readonly number[]): number {
  const began = agents.map(
    ({ startLateMs, clockAheadMs }, at) => startLateMs! + clockAheadMs! - aheadMs[at]!,
  );
  return Math.max(...began) - Math.min(...began);
}

for (const delay of [
  { name: "no delay", tx: 0, rx: 0 },
  { name: "5 ms each way", tx: 5, rx: 5 },
  { name: "50 ms each way", tx: 50, rx: 50 },
  { name: "20 ms to the coordination etcd and none from it", tx: 20, rx: 0 },
]) {
  test(`with ${delay.name} clock offsets are within their uncertainty, and agents start together`, async ({
    target,
    coordination,
    namespaces,
  }) => {
    const host = namespaces[0]!.outside;
    const group = `delay-${delay.tx}-${delay.rx}`;
    const proxy = await FaultProxy.listen({ from: `${host}:0`, to: coordination.endpoint });
    for (const direction of ["tx", "rx"] as const) {
      if (delay[direction] === 0) continue;
      proxy.set(direction, { kind: "delay", latencyMs: delay[direction], jitterMs: 0 });
    }
    const file = coordination.file({ group, endpoints: [`${host}:${proxy.port}`] });
    const agents = namespaces.map(({ within }, at) => agentIn(within, AHEAD_SECONDS[at]!, file));
    const ends = agents.map((agent) => new Promise((resolve) => agent.on("close", resolve)));
    const names = await Promise.all(agents.map(nameOf));
    let leastSpreadMs = Number.POSITIVE_INFINITY;
    try {
      for (let run = 0; run < RUNS && leastSpreadMs > MOST_SPREAD_MS; run++) {
        const { code, result, stderr } = await measure([
          ...["put", `--endpoints=${target.endpoints[0]}`, "--rate=300", "--duration=2s"],
          ...["--agents=3", "--conns=3", "--clients=3"],
          `--coordination=${coordination.file({ group })}`,
        ]);
        assert.is(code, EXIT.done, stderr);
        const rows = result.client.agents!;
        const aheadMs = rows.map(({ name }) => AHEAD_SECONDS[names.indexOf(name)]! * 1e3);
        for (const [at, { clockAheadMs, clockUncertaintyMs }] of rows.entries()) {
          const wrongMs = Math.abs(clockAheadMs! - aheadMs[at]!);
          assert.ok(wrongMs <= clockUncertaintyMs!, `${wrongMs} ms, said ${clockUncertaintyMs} ms`);
          assert.ok(clockUncertaintyMs! >= (delay.tx + delay.rx) / 2 - 1);
        }
        leastSpreadMs = Math.min(leastSpreadMs, trueSpread(rows, aheadMs));
        const known = rows.map(
          ({ clockAheadMs, clockUncertaintyMs }, at) =>
            `${(clockAheadMs! - aheadMs[at]!).toFixed(2)} of ${clockUncertaintyMs!.toFixed(2)}`,
        );
        console.log(
          `${delay.name}: clocks wrong by ${known.join(", ")} ms; ` +
            `began ${trueSpread(rows, aheadMs).toFixed(2)} ms apart`,
        );
      }
      // All agents use the same route, so their clocks have the same error.
      assert.ok(leastSpreadMs < MOST_SPREAD_MS, `${leastSpreadMs} ms`);
    } finally {
      for (const { pid } of agents) process.kill(-pid!, "SIGTERM");
      await Promise.all(ends);
      await proxy.close();
    }
  });
}

type Agent = ChildProcessByStdio<null, null, Readable>;

/** Starts an agent in its own process group, with a monotonic clock that is ahead. */
function agentIn(within: readonly string[], aheadSeconds: number, joinFile: string): Agent {
  const [program, ...args] = [
    ...[...within, ...IN_TIME_NAMESPACE, `--monotonic=${aheadSeconds}`, process.execPath],
    ...[builtBench(), "agent", `--join=${joinFile}`, "--workers=1"],
  ];
  return spawn(program!, args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
}

/** Resolves when the agent has joined. */
function nameOf(agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    agent.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const name = /^agent (\S+) has joined/m.exec(said)?.[1];
      if (name !== undefined) resolve(name);
    });
    agent.on("close", () => reject(new Error(`the agent ended: ${said}`)));
  });
}

function whyNoClocks(): string | null {
  const [program, ...args] = [...IN_TIME_NAMESPACE, "--monotonic=1", "true"];
  const { status } = spawnSync(program!, args, { stdio: "ignore" });
  return status === 0 ? null : "no time namespace can be made (unshare --time, Linux 5.6)";
}

if (reason === null) test.run();
else {
  console.log(`skipped: agents with addresses and clocks of their own: ${reason}`);
  const skipped = suite("agents with addresses and clocks of their own");
  skipped.skip("clocks are known within their uncertainty", () => {});
  skipped.run();
}
