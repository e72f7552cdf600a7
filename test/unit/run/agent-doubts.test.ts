/** Tests the notes on agents: different start times, lost agents, and differences between them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { AgentResult } from "../../../src/result/schema.ts";
import { agentNotes, skewReasons } from "../../../src/run/agent-doubts.ts";

const AGENT: AgentResult = {
  ...{ name: "one", workers: 2, requests: 5, cpuSeconds: 1, busyPercentMax: 10, rssMaxBytes: 1 },
  ...{ startLateMs: 1, clockUncertaintyMs: 0.5, lost: null },
  ...{ clockAheadMs: 0, clockDriftPpm: null, machineNumber: null, machine: null },
  environment: {
    ...{ tool: "etcd-bench 1", node: "v22", kernel: "Linux 6", cpuModel: "CPU" },
    ...{ cpus: 4, cpusAvailable: 4, memoryBytes: null, memoryLimitBytes: null },
  },
};
const after = (startLateMs: number | null) => ({ ...AGENT, name: "two", startLateMs });

test("agents are skewed if their starts differ by more than 10 ms, or 1% of a short run", () => {
  assert.equal(skewReasons([AGENT, after(11)], 60), []);
  assert.match(
    skewReasons([AGENT, after(11.5)], 60)[0]!,
    /^agents began 10\.5 ms apart .*, more than 10\.0 ms: their machines/,
  );
  assert.match(
    skewReasons([AGENT, after(7)], 0.5)[0]!,
    /^agents began 6\.0 ms apart .*, more than 1% of the run: run longer$/,
  );
  assert.equal(skewReasons([AGENT, after(null)], 60), []);
  assert.equal(skewReasons(undefined, 60), []);
});

test("agents whose starts differ by less than the clock uncertainty are not skewed, and a note explains it", () => {
  const known = (clockUncertaintyMs: number) => [
    { ...AGENT, clockUncertaintyMs },
    { ...after(2.5), clockUncertaintyMs },
  ];
  assert.equal(skewReasons(known(0.8), 0.05), []);
  assert.match(
    agentNotes(known(0.8), 0.05).join(" "),
    /within 0\.5 ms .* cannot be told, .* 0\.8 ms; run longer\.$/,
  );
  assert.is(skewReasons(known(0.7), 0.05).length, 1);
  assert.is(agentNotes(known(0.7), 0.05).length, 1);
  assert.is(agentNotes(known(0.8), 60).length, 1);
});

test("notes give the distance of the starts, the lost agents, and differences between agents", () => {
  assert.equal(agentNotes(undefined, 60), []);
  assert.equal(agentNotes([AGENT, after(3)], 60), [
    "2 agents began within 2.0 ms of each other; their clocks are known to 0.5 ms.",
  ]);
  const other = {
    ...{ ...after(1), lost: "it left", workers: 8 },
    environment: { ...AGENT.environment, node: "v24" },
  };
  const limited = { ...after(1), environment: { ...AGENT.environment, cpusAvailable: 2 } };
  assert.equal(agentNotes([AGENT, limited], 60).slice(1), [
    "The agents have different numbers of CPUs: 4; 2.",
  ]);
  assert.equal(agentNotes([AGENT, other], 60).slice(1), [
    "Agent two was lost (it left): what was due on it and is in no report of its counts as dropped, and whether it was sent is not known.",
    "The agents have different versions of Node: v22; v24.",
    "Agent two has 4 CPUs for 8 workers, which take CPU from each other; lower --workers.",
  ]);
  const single = { ...AGENT, environment: { ...AGENT.environment, cpusAvailable: 1 } };
  assert.match(agentNotes([single], 60).join(" "), /Agent one has 1 CPU for 2 workers,/);
});

test.run();
