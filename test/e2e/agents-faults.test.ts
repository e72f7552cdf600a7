/**
 * Runs on agents in which an agent, the command or the coordination etcd fails midway: exit code,
 * messages, merged load, and the end of the agents.
 */
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LEASE_SECONDS } from "../../src/agents/lease.ts";
import { EXIT } from "../../src/errors.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { Recorder } from "../../src/load/recording/recorder.ts";
import { FaultProxy } from "../../src/proxy/fault-proxy.ts";
import { initHistograms } from "../../src/stats/histogram.ts";
import { withCoordination } from "../etcd/coordination.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import {
  assertComplete,
  assertInterrupted,
  ends,
  loadIsUnderWay,
  runOfAgents,
} from "../harness/agents.ts";
import { BenchProcess, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";
import { SimulatedAgents } from "../peers/simulated-agents.ts";

interface Context {
  target: LocalCluster;
  put: string[];
}

const test = suite<Context>("faults of a run on agents");

before(test, async (context) => {
  await initHistograms();
  context.target = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.put = ["put", `--endpoints=${context.target.endpoints[0]}`, "--rate=100"];
});

test.after(async ({ target }) => {
  await target?.down();
});

test("an agent that is frozen for 5 s stays in the run, and the verdict has the pause", async ({
  put,
}) => {
  const under = await runOfAgents([...put, "--duration=12s"]);
  await loadIsUnderWay(under);
  under.agents[0]!.signal("SIGSTOP");
  await delay(5_000);
  under.agents[0]!.signal("SIGCONT");
  const result = assertComplete(await under.run.ended, 1200);
  assert.is(result.verdict.kind, "client-limited");
  assert.match(result.verdict.reasons.join("; "), /\b[5-9]\.\d+ s\b/);
  assert.ok(result.client.agents!.every(({ lost }) => lost === null));
  assert.equal(
    (await ends(under.agents)).map(({ code }) => code),
    [EXIT.done, EXIT.done],
  );
});

test("an agent cut off from the coordination etcd ends its load with its lease, and the run is interrupted", async ({
  put,
}) => {
  await withCoordination(async (coordination) => {
    const proxy = await FaultProxy.listen({ from: "127.0.0.1:0", to: coordination.endpoint });
    try {
      const direct = coordination.file();
      const proxied = coordination.file({ endpoints: [`127.0.0.1:${proxy.port}`] });
      const under = await runOfAgents([...put, "--duration=3m"], [direct, proxied]);
      await loadIsUnderWay(under);
      const cutMs = performance.now();
      for (const direction of ["tx", "rx"] as const) proxy.set(direction, { kind: "blackhole" });
      const [free, cutOff] = under.agents;
      const { code, stderr } = await cutOff!.ended;
      const lastedMs = performance.now() - cutMs;
      assert.is(code, EXIT.unreachable, stderr);
      assert.match(
        stderr,
        /ended its load and left: the coordination etcd has not answered for 15 s/,
      );
      // The agent notices at its renewal, every 2 s, and ends its workers.
      assert.ok(lastedMs < patient(LEASE_SECONDS * 1e3 + 7_000), `${lastedMs} ms`);
      const result = assertInterrupted(await under.run.ended, /^agent \S+ was lost: /);
      assert.is(result.client.agents!.filter(({ lost }) => lost !== null).length, 1);
      free!.signal("SIGTERM");
      assert.is((await free!.ended).code, EXIT.done);
    } finally {
      await proxy.close();
    }
  });
});

test("with --tolerate-agents the run continues, and requests due on the lost agent are dropped", async ({
  put,
}) => {
  const under = await runOfAgents([...put, "--duration=24s", "--tolerate-agents=1"]);
  await loadIsUnderWay(under);
  under.agents[0]!.signal("SIGKILL");
  const result = assertComplete(await under.run.ended, 2400);
  const { requests } = onlyOperation(result);
  assert.is(requests.succeeded + requests.failed + requests.dropped, 2400);
  assert.ok(requests.dropped > 300, `${requests.dropped} dropped`);
  assert.ok(result.notes.some((note) => /^Agent \S+ was lost/.test(note)));
  assert.is((await under.agents[1]!.ended).code, EXIT.done);
});

test("agents end their load when the command is killed, and serve the next run", async ({
  put,
  target,
}) => {
  await withCoordination(async (coordination) => {
    const files = [coordination.file(), coordination.file()];
    const under = await runOfAgents([...put, "--duration=3m"], files);
    await loadIsUnderWay(under);
    under.run.signal("SIGKILL");
    await Promise.all(under.agents.map((agent) => agent.said(/the command that measures is gone/)));
    const next = new BenchProcess([
      ...["put", `--endpoints=${target.endpoints[0]}`, "--agents=2", "--conns=2", "--clients=5"],
      ...["--total=501", `--coordination=${files[0]}`, "--output=json"],
    ]);
    assertComplete(await next.ended, 501);
    for (const agent of under.agents) agent.signal("SIGINT");
    assert.equal(
      (await ends(under.agents)).map(({ code }) => code),
      [EXIT.done, EXIT.done],
    );
  });
});

test("agents leave when a command that started the coordination etcd is killed", async ({
  put,
}) => {
  const under = await runOfAgents([...put, "--duration=3m"]);
  await loadIsUnderWay(under);
  under.run.signal("SIGKILL");
  for (const { code, stderr } of await ends(under.agents)) {
    assert.is(code, EXIT.unreachable, stderr);
    assert.match(stderr, /ended its load and left: /);
  }
});

test("a run continues when the coordination etcd is killed and restarted", async ({ put }) => {
  await withCoordination(async (coordination) => {
    const files = [coordination.file(), coordination.file()];
    const under = await runOfAgents([...put, "--duration=20s"], files);
    await loadIsUnderWay(under);
    const { name } = coordination.cluster.members[0]!;
    await coordination.cluster.kill(name);
    await coordination.cluster.restart(name);
    const result = assertComplete(await under.run.ended, 2000);
    assert.is(onlyOperation(result).requests.succeeded, 2000);
    for (const agent of under.agents) agent.signal("SIGINT");
    assert.equal(
      (await ends(under.agents)).map(({ code }) => code),
      [EXIT.done, EXIT.done],
    );
  });
});

test("when the coordination etcd is gone for good, the run is interrupted and its agents leave", async ({
  put,
}) => {
  await withCoordination(async (coordination) => {
    const files = [coordination.file(), coordination.file()];
    const under = await runOfAgents([...put, "--duration=3m"], files);
    await loadIsUnderWay(under);
    await coordination.cluster.kill(coordination.cluster.members[0]!.name);
    for (const { code, stderr } of await ends(under.agents)) {
      assert.is(code, EXIT.unreachable, stderr);
      assert.match(stderr, /ended its load and left: /);
    }
    assertInterrupted(await under.run.ended, /^agent \S+ was lost: /);
  });
});

test("an agent that joins in the last second takes part", async ({ target }) => {
  await withCoordination(async (coordination) => {
    const withinMs = 12_000;
    const run = new BenchProcess([
      ...[
        "range",
        "k",
        `--endpoints=${target.endpoints[0]}`,
        "--duration=2s",
        "--rate=10",
        "--agents=1",
      ],
      ...[`--coordination=${coordination.file()}`, `--agents-within=${withinMs}ms`],
      "--output=json",
    ]);
    await run.said(/0 of 1 have joined/);
    const startMs = performance.now();
    await delay(withinMs - 900);
    const recorder = new Recorder();
    for (let request = 0; request < 10; request++) recorder.succeededPaced(1e6, 1e6);
    const agents = await SimulatedAgents.join({
      ...{ join: coordination.join, count: 1, seconds: [recorder.takeSnapshot()] },
    });
    const isInTime = performance.now() - startMs < withinMs;
    const end = await run.ended;
    await agents.leave();
    // After a freeze of the machine, it joined too late.
    if (isInTime) assertComplete(end, 20);
    else assert.is(end.code, EXIT.usage, end.stderr);
  });
});

test.run();
