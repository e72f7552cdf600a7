/** The agents of a run in reports: a table, and CSV. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { AgentResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };
const AGENT: AgentResult = {
  ...{ name: "=host-1", workers: 2, requests: 500, cpuSeconds: 1.5, busyPercentMax: 40 },
  ...{
    rssMaxBytes: 80_000_000,
    startLateMs: 1.25,
    clockUncertaintyMs: 0.5,
    clockAheadMs: 5_000,
    clockDriftPpm: 12.5,
    lost: null,
    ...{ machineNumber: null, machine: null },
  },
  environment: {
    ...{ tool: "etcd-bench 1", node: "v22", kernel: "Linux 6", cpuModel: "CPU, fast" },
    ...{ cpus: 4, cpusAvailable: 2, memoryBytes: null, memoryLimitBytes: null },
  },
};
const LOST = {
  ...AGENT,
  name: "host-2",
  startLateMs: null,
  lost: "its lease ended",
  clockAheadMs: null,
  clockDriftPpm: null,
};

test("a page and a table tell how busy the machines of agents were, and not that of the command", () => {
  const own = resultFixture().machine!;
  const busy = { ...AGENT, machine: { ...own, loadAverage1m: 7.5, otherCpuPercent: 61.2 } };
  const result = resultFixture({ machine: null, client: { agents: [busy, LOST] } });
  const page = formatNamed("html").render([result], OPTIONS);
  assert.match(page, /host-1: load average 7\.50 before it, 61% of the CPU taken by other/);
  assert.not.match(page, /agent host-2: /);
  assert.match(formatNamed("table").render([result], OPTIONS), / 61% /);
});

test("a report says which CPUs the agents had, and not those of the machine that sent nothing", () => {
  const result = resultFixture({ client: { agents: [AGENT, LOST] } });
  const machines = "2 agents on 4 x CPU, fast (2 available), Linux 6";
  for (const format of ["table", "markdown", "html", "summary"]) {
    const text = formatNamed(format).render([result], OPTIONS);
    assert.ok(text.replaceAll("\\", "").includes(machines), format);
  }
  const table = formatNamed("table").render([result], OPTIONS);
  assert.not.match(table, result.environment.cpuModel);
  assert.match(
    formatNamed("table").render([resultFixture()], OPTIONS),
    result.environment.cpuModel,
  );
});

test("the table and the page have a row for each agent, and no table without agents", () => {
  const result = resultFixture({ client: { agents: [AGENT, LOST] } });
  const text = formatNamed("table").render([result], OPTIONS);
  assert.match(text, /=host-1 .* 500 .*1\.50 s .* 12\.5 ppm .* no/);
  assert.match(text, /host-2 .* its lease ended/);
  assert.match(formatNamed("html").render([result], OPTIONS), /its lease ended/);
  assert.not.match(formatNamed("table").render([resultFixture()], OPTIONS), /Agents/);
});

test("--output agents is a line of CSV for each run and agent, with empty fields for missing figures", () => {
  const [machineNumber, own] = [1, resultFixture().machine!];
  const machine = { ...own, loadAverage1m: 7.5, otherCpuPercent: 61.2, idleCpuPercent: 20 };
  const agents = [{ ...AGENT, machineNumber, machine }, LOST];
  const result = resultFixture({ id: "one", client: { agents } });
  const [header, first, second] = formatNamed("agents").render([result], OPTIONS).split("\n");
  assert.match(header!, /^resultId,workload,agent,workers,requests,cpuSeconds,/);
  assert.match(
    first!,
    /^one,put,'=host-1,2,500,1\.5,40,80000000,1\.25,0\.5,12\.5,,.*,"CPU, fast",4,2,,,1,7\.5,61\.2,20,[^,]*,[^,]*,[^,]*$/,
  );
  assert.match(second!, /^one,put,host-2,2,500,1\.5,40,80000000,,0\.5,,its lease ended,.*,{8}$/);
});

test.run();
