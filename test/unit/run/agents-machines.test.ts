/** Tests the states of agents' machines: which CPU time counts as that of others, and what notes say. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { MachineSpan } from "../../../src/machine/machine-span.ts";
import { machineTexts } from "../../../src/result/machine-words.ts";
import type { AgentResult } from "../../../src/result/schema.ts";
import { agentMachineDoubts } from "../../../src/run/agent-machine-doubts.ts";
import { type Coordinator, withMachines } from "../../../src/run/agents-machines.ts";
import type { AgentReport } from "../../../src/run/load-pool.ts";
import { MemberPlaces } from "../../../src/run/member-places.ts";
import { agentFixture, resultFixture } from "../../fixtures/result-fixture.ts";

/** Ten seconds of two CPUs, all busy. */
const BUSY: MachineSpan = {
  ...{ loadAverage1m: 9, elapsedSeconds: 10, busySeconds: 20, idleSeconds: 0, stealSeconds: 0 },
  ...{ familySeconds: 2, throttledSeconds: 0, upSeconds: 10 },
  ...{ cpuPressureSeconds: null, ioPressureSeconds: null, memoryPressureSeconds: null },
};
const ELSEWHERE: Coordinator = {
  host: { bootId: "own", addresses: ["10.0.0.1"] },
  span: { ...BUSY, familySeconds: 3 },
  targetCpuSecondsAt: () => 0,
};

function reportOf(
  name: string,
  bootId: string | null,
  span: MachineSpan | null = BUSY,
): AgentReport {
  const { machine: _, machineNumber: __, ...row } = agentFixture(name);
  return { row, host: { bootId, addresses: [`10.0.0.${name.length}`] }, span };
}

const states = (agents: readonly AgentResult[]) =>
  agents.map(({ machineNumber, machine }) => [machineNumber, machine?.otherCpuPercent]);

test("agents on one machine are no strangers to each other, and those on another are not counted", () => {
  const reports = [reportOf("a", "one"), reportOf("b", "two"), reportOf("c", "one")];
  assert.equal(states(withMachines(reports, ELSEWHERE)), [
    [1, 80],
    [2, 90],
    [1, 80],
  ]);
});

test("on the command's own machine neither the command nor the target is a stranger", () => {
  const asked: [string[], boolean][] = [];
  const coordinator: Coordinator = {
    ...ELSEWHERE,
    targetCpuSecondsAt(addresses, isOwn) {
      asked.push([[...addresses], isOwn]);
      return isOwn ? 5 : 0;
    },
  };
  const reports = [reportOf("a", "own"), reportOf("bb", "two")];
  assert.equal(states(withMachines(reports, coordinator)), [
    [1, 50],
    [2, 90],
  ]);
  assert.equal(asked, [
    [["10.0.0.1"], true],
    [["10.0.0.2"], false],
  ]);
});

test("what others took is not known where an agent of the machine was lost, or while load runs", () => {
  const lost = withMachines([reportOf("a", "one"), reportOf("b", "one", null)], ELSEWHERE);
  assert.equal(states(lost), [
    [1, null],
    [1, undefined],
  ]);
  assert.is(lost[0]!.machine!.idleCpuPercent, 0);
  const running = withMachines([reportOf("a", "own")], { ...ELSEWHERE, span: null });
  assert.equal(states(running), [[1, null]]);
});

test("where the system does not tell machines apart, each agent is taken to have one of its own", () => {
  const agents = withMachines([reportOf("a", null), reportOf("b", null)], ELSEWHERE);
  assert.equal(states(agents), [
    [1, 90],
    [2, 90],
  ]);
});

test("members are on a machine by the addresses of their endpoints, whose hosts may be names", async () => {
  const places = await MemberPlaces.of([
    "localhost:1",
    "10.0.0.7:1",
    "[fd00::7%eth0]:1",
    "no.such.host.invalid:1",
  ]);
  const there = new Set(["10.0.0.7", "fd00::7"]);
  assert.ok(places.isAt("10.0.0.7:1", there, false));
  assert.ok(places.isAt("[fd00::7%eth0]:1", there, false));
  assert.not.ok(places.isAt("10.0.0.8:1", there, true));
  assert.not.ok(places.isAt("no.such.host.invalid:1", there, true));
  assert.ok(places.isAt("10.0.0.7:2", there, false), "a member that joined meanwhile");
  // Of each machine's loopback, the command's is meant.
  assert.equal(
    [
      places.isAt("127.0.0.1:1", new Set(["127.0.0.1"]), false),
      places.isAt("localhost:1", there, true),
    ],
    [false, true],
  );
});

test("notes name the agents of a busy machine together, and a throttled agent by itself", () => {
  const throttled = { ...BUSY, throttledSeconds: 1 };
  const agents = withMachines(
    [reportOf("a", "one"), reportOf("b", "two", throttled), reportOf("c", "one")],
    ELSEWHERE,
  );
  assert.equal(agentMachineDoubts(agents, 10), [
    "Other processes took 80% of the CPU of the machine of agents a and c during the measurement, and 0% was left (load average before it: 9.0): the figures are those of a busy machine.",
    "Other processes took 90% of the CPU of the machine of agent b during the measurement, and 0% was left (load average before it: 9.0): the figures are those of a busy machine.",
    "The CPU quota of the control group kept the threads of agent b from running for 1.00 s: raise the quota.",
  ]);
  const many = Array.from({ length: 9 }, (_, at) => reportOf(`a${at}`, "one"));
  const all = many.map((each) => ({ ...each, span: { ...BUSY, familySeconds: 2.1 } }));
  assert.equal(agentMachineDoubts(withMachines(all, ELSEWHERE), 10), []);
  const short = many.map((each) => ({ ...each, span: { ...BUSY, familySeconds: 1 } }));
  assert.match(
    agentMachineDoubts(withMachines(short, ELSEWHERE), 10)[0]!,
    / of agents a0, a1, a2, a3, a4 and 4 more during /,
  );
  assert.equal(agentMachineDoubts(undefined, 10), []);
});

test("summaries of runs of agents tell of the worst of their machines", () => {
  const agents = withMachines([reportOf("a", "one"), reportOf("b", "two")], ELSEWHERE);
  const calm = { ...BUSY, busySeconds: 4, idleSeconds: 16 };
  const quiet = withMachines([reportOf("a", "one", calm)], ELSEWHERE);
  const runs = [agents, quiet].map((each) =>
    resultFixture({ machine: null, client: { agents: each } }),
  );
  assert.equal(machineTexts(runs), [
    "other processes took 90% of the CPU of an agent's machine during 1 of 2 runs: their figures are those of a busy machine.",
  ]);
});

test.run();
