/** Workers on agents answer as threads do; what happens to a run when it loses an agent. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AgentPool } from "../../../src/agents/agent-pool.ts";
import type { Command, PhaseDone, Report, Second } from "../../../src/agents/protocol.ts";
import type { RemoteAgent } from "../../../src/agents/remote-agent.ts";
import type {
  OpenedMessage,
  PhaseCommand,
  PhaseDoneMessage,
  SnapshotMessage,
  WorkerSetup,
} from "../../../src/load/messages.ts";
import { Recorder } from "../../../src/load/recording/recorder.ts";
import type { MachineSpan } from "../../../src/machine/machine-span.ts";
import { splitLoad } from "../../../src/plan/shares.ts";

const PHASE: PhaseCommand = {
  ...{ type: "phase", id: 0, operation: 0, requests: null, startNs: 1e9, isMeasured: true },
  ...{ durationMs: 2_000, ratePerSec: 100 },
};

/** Two agents of two workers, each a queue of commands that the test answers. */
function rig(tolerated: number, spec: object = {}, maySendMemory = true) {
  const agents = ["one", "two"].map((name) => {
    const sent: Command[] = [];
    const agent = {
      ...{ name, sent, lost: null as string | null, cpuMicros: 0, rssBytes: 0 },
      hello: { workers: 2, environment: {} },
      mapping: { offsetNs: 0, uncertaintyNs: 1e6 },
      drift: null,
      onReport: (_: Report) => {},
      onLost: (_: string) => {},
      send: (command: Command) => sent.push(command),
      flush: async () => {},
      lose(reason: string) {
        agent.lost = reason;
        agent.onLost(reason);
      },
    };
    return agent;
  });
  const shares = splitLoad({ connections: 4, clients: 4, workers: 2, agents: 2 }, ["a:1"]);
  const lost: string[] = [];
  const seconds: [worker: number, interval: number][] = [];
  const operations = [{ kind: "put", series: ["put"], ...spec }];
  const pacing = { arrival: "constant" };
  const pool = new AgentPool(
    {
      setups: shares.map((share) => ({ share, operations, pacing }) as unknown as WorkerSetup),
      transport: "wire",
      tokens: null,
      listener: {
        onSnapshot: ({ interval }, _, worker) => seconds.push([worker, interval]),
        onPause: () => {},
        onRequests: () => {},
        onLost: (reason) => lost.push(reason),
      },
    },
    { agents: agents as unknown as RemoteAgent[], tolerated, maySendMemory },
  );
  return { pool, agents, lost, seconds };
}

function second(interval: number, changes: Partial<SnapshotMessage> = {}): Second {
  const snapshot: SnapshotMessage = {
    ...{ type: "snapshot", phaseId: 0, interval, fromNs: 1e9, toNs: 2e9, readyConnections: 1 },
    progress: { answered: 0, unanswered: 0, lastFailure: "" },
    sending: { due: 0, started: 0, busyFraction: 0 },
    ...changes,
  };
  return { snapshot, recorded: [new Recorder().takeSnapshot()] };
}

function doneOf(...workers: number[]): PhaseDone {
  const done = workers.map((workerIndex) => ({
    ...{ workerIndex, phaseId: 0 },
    started: 50,
    dropped: 0,
    lastEndNs: 3e9,
  }));
  return { type: "phase-done", done: done as unknown as PhaseDoneMessage[], machine: null };
}

test("each agent gets the setups of its workers, and the pool is open when all agents are", async () => {
  const { pool, agents } = rig(0);
  assert.is(pool.size, 4);
  const opening = pool.open();
  agents.forEach(({ sent, onReport }, at) => {
    const [setup] = sent;
    assert.ok(setup?.type === "setup");
    const workers = setup.setups.map(({ share }) => share.workerIndex);
    assert.equal(workers, [at, at + 2]);
    const opened: OpenedMessage[] = workers.map((workerIndex) => ({ type: "opened", workerIndex }));
    onReport({ type: "opened", opened });
  });
  assert.equal((await opening).map(({ workerIndex }) => workerIndex).sort(), [0, 1, 2, 3]);
});

test("an agent that cannot open a connection fails the run, and the error names the agent", async () => {
  const { pool, agents } = rig(0);
  const opening = pool.open();
  agents[1]!.onReport({ type: "failed", reason: "a connection was refused", exitCode: 3 });
  const error = await opening.then(
    () => null,
    (each: Error & { exitCode: number }) => each,
  );
  assert.equal([error?.message, error?.exitCode], ["agent two: a connection was refused", 3]);
});

test("losing more agents than tolerated is reported, and the phase ends with the remaining agents", async () => {
  const { pool, agents, lost } = rig(0);
  const phase = pool.runPhase(PHASE);
  agents[1]!.lose("its lease ended");
  assert.equal(lost, ["agent two was lost: its lease ended"]);
  pool.stop(0);
  agents[0]!.onReport(doneOf(0, 2));
  assert.is((await phase).length, 4);
});

test("a tolerated lost agent gets empty seconds, and its due requests are dropped", async () => {
  const { pool, agents, lost, seconds } = rig(1);
  const phase = pool.runPhase(PHASE);
  agents[1]!.lose("its lease ended");
  agents[0]!.onReport({ type: "second", worker: 0, second: second(0) });
  assert.equal(seconds, [
    [0, 0],
    [1, 0],
    [3, 0],
  ]);
  agents[0]!.onReport(doneOf(0, 2));
  const done = await phase;
  assert.equal(lost, []);
  assert.equal(
    done.map(({ workerIndex, dropped }) => [workerIndex, dropped]),
    [
      [0, 0],
      [2, 0],
      [1, 50],
      [3, 50],
    ],
  );
});

test("a row counts the load's requests, and not those before the clock starts", async () => {
  const requestsOf = async (isMeasured: boolean) => {
    const { pool, agents } = rig(0);
    const phase = pool.runPhase({ ...PHASE, isMeasured });
    const recorder = new Recorder();
    recorder.succeeded(1e6, 50);
    const report = { ...second(0), recorded: [recorder.takeSnapshot()] };
    agents[0]!.onReport({ type: "second", worker: 0, second: report });
    agents[0]!.onReport(doneOf(0, 2));
    agents[1]!.onReport(doneOf(1, 3));
    await phase;
    return pool.agents().map(({ row }) => row.requests);
  };
  assert.equal(await requestsOf(true), [50, 0]);
  assert.equal(await requestsOf(false), [0, 0]);
});

test("what an agent's machine did in measured phases is added up, and is not known of a lost agent", async () => {
  const span: MachineSpan = {
    ...{ loadAverage1m: 1, elapsedSeconds: 2, busySeconds: 3, idleSeconds: 1, stealSeconds: 0 },
    ...{ familySeconds: 2, throttledSeconds: 0, upSeconds: 2 },
    ...{ cpuPressureSeconds: null, ioPressureSeconds: null, memoryPressureSeconds: null },
  };
  const { pool, agents } = rig(1);
  const run = (isMeasured: boolean, machine: MachineSpan | null) => {
    const phase = pool.runPhase({ ...PHASE, isMeasured });
    agents[0]!.onReport({ ...doneOf(0, 2), machine });
    if (agents[1]!.lost === null) agents[1]!.onReport({ ...doneOf(1, 3), machine });
    return phase;
  };
  await run(false, null);
  assert.equal(
    pool.agents().map((each) => each.span),
    [null, null],
  );
  await run(true, span);
  await run(true, { ...span, loadAverage1m: 9, busySeconds: 4 });
  const sum = { ...span, elapsedSeconds: 4, busySeconds: 7, idleSeconds: 2, familySeconds: 4 };
  const both = { ...sum, upSeconds: 4 };
  assert.equal(
    pool.agents().map((each) => each.span),
    [both, both],
  );
  agents[1]!.lose("its lease ended");
  assert.equal(
    pool.agents().map((each) => each.span),
    [both, null],
  );
});

test("an agent that reports for another agent's worker is lost", () => {
  const { pool, agents } = rig(0);
  void pool.runPhase(PHASE);
  agents[0]!.onReport({ type: "second", worker: 1, second: second(0) });
  assert.is(agents[0]!.lost, "it reported for another's worker");
});

test("a second that cannot follow a worker's last one makes the agent lost, and is not counted", () => {
  for (const [report, words] of [
    [second(1), /second 1 where 0 was due/],
    [second(0, { phaseId: 7 }), /of another phase/],
    [second(0, { toNs: 1e300 }), /not of this phase's time/],
    [{ ...second(0), recorded: [] }, /0 series where there are 1/],
  ] as [Second, RegExp][]) {
    const { pool, agents, seconds } = rig(0);
    void pool.runPhase(PHASE);
    agents[0]!.onReport({ type: "second", worker: 0, second: report });
    assert.match(agents[0]!.lost!, words);
    assert.equal(seconds, []);
  }
});

test("an agent that sends the same second twice is lost", () => {
  const { pool, agents, seconds } = rig(0);
  void pool.runPhase(PHASE);
  const report = () => agents[0]!.onReport({ type: "second", worker: 0, second: second(0) });
  report();
  assert.is(agents[0]!.lost, null);
  report();
  assert.is(agents[0]!.lost, "it reported second 0 where 1 was due");
  assert.is(seconds.filter(([worker]) => worker === 0).length, 1);
});

test("an agent that answers unasked, for another phase or for other workers is lost", () => {
  for (const [report, words] of [
    [{ type: "opened", opened: [] }, /not asked/],
    [{ type: "closed", memories: [] }, /not asked/],
    [doneOf(0), /other workers/],
    [doneOf(0, 1), /other workers/],
    [doneOf(0, 2, 2), /other workers/],
    [{ type: "phase-done", done: [{ workerIndex: 0, phaseId: 9 }] }, /not asked/],
  ] as [Report, RegExp][]) {
    const { pool, agents } = rig(0);
    void pool.runPhase(PHASE);
    agents[0]!.onReport(report);
    assert.match(agents[0]!.lost!, words);
  }
});

test("a pool is closed when all agents have closed their workers, and seconds until then do not count", async () => {
  const { pool, agents, seconds } = rig(0);
  void pool.runPhase(PHASE);
  let isClosed = false;
  const closing = pool.close().then(() => {
    isClosed = true;
  });
  agents[0]!.onReport({ type: "second", worker: 0, second: second(0) });
  agents[0]!.onReport({ type: "closed", memories: [] });
  await Promise.resolve();
  assert.is(isClosed, false);
  agents[1]!.lose("its lease ended");
  await closing;
  assert.equal(seconds, []);
  assert.is(agents[0]!.sent.at(-1)!.type, "close");
});

test("a run does not begin with a lost agent, tolerated or not", async () => {
  const { pool, agents } = rig(1);
  agents[1]!.lose("its lease ended");
  const error = await pool.open().then(
    () => null,
    (each: Error & { exitCode: number }) => each,
  );
  assert.match(error!.message, /agent two was lost: its lease ended; start another one/);
  assert.is(error!.exitCode, 130);
});

test("shared memory comes back with the changes of the workers of all agents", async () => {
  const board = new SharedArrayBuffer(8);
  const { pool, agents } = rig(0, { board });
  const closing = pool.close();
  agents[0]!.onReport({ type: "closed", memories: [Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0)] });
  agents[1]!.onReport({ type: "closed", memories: [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9)] });
  await closing;
  assert.equal([...new Uint8Array(board)], [0, 1, 0, 0, 0, 0, 0, 9]);
});

test("an agent that gives back other memory than it received is lost", () => {
  const { pool, agents } = rig(0, { board: new SharedArrayBuffer(8) });
  void pool.close();
  agents[0]!.onReport({ type: "closed", memories: [new Uint8Array(4)] });
  assert.is(agents[0]!.lost, "it gave back other memory than it had");
});

test("shared memory goes to agents only if the workload says which agents may have it", () => {
  const shared = { board: new SharedArrayBuffer(8) };
  assert.throws(() => rig(0, shared, false), /does not say by againstAgents how/);
  rig(0, shared);
  rig(0, {}, false);
});

test.run();
