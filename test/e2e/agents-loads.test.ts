/** Runs with agents whose workers share memory, and a suite that loses an agent and resumes with others. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { CoordinationEtcd } from "../etcd/coordination.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { agentOf } from "../harness/agents.ts";
import { BenchProcess, checkedResult, measuredBy } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-agents-loads-"));
let cluster: LocalCluster;
let endpoint: string;
let coordination: CoordinationEtcd;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
  coordination = await CoordinationEtcd.start(false);
});

test.after(async () => {
  await cluster?.down();
  await coordination?.cluster.down();
  rmSync(folder, { recursive: true });
});

/** Runs a command on agents that wait in a group of their own. */
async function measured(agents: number, args: readonly string[]) {
  const joinFile = coordination.file({ group: `of-${args[0]}` });
  const joined = Array.from({ length: agents }, () => agentOf(joinFile));
  const run = new BenchProcess([
    ...[...args, `--endpoints=${endpoint}`, `--agents=${agents}`],
    ...[`--coordination=${joinFile}`, "--output=json"],
  ]);
  const { result, code } = measuredBy(await run.ended);
  for (const agent of joined) {
    agent.signal("SIGTERM");
    assert.is((await agent.ended).code, 0);
  }
  assert.is(code, 0);
  assert.is(result.status, "complete");
  return result;
}

test("each of two agents has its own locks, and fairness includes the clients of both", async () => {
  const result = await measured(2, [
    ...["lock", "--locks=2", "--conns=2", "--clients=6", "--total=60"],
  ]);
  const [lock] = result.operations;
  assert.is(lock!.requests.succeeded, 60);
  const { contenders, least, most } = lock!.fairness!;
  assert.is(contenders, 6);
  assert.ok(least > 0 && most < 60, `from ${least} to ${most} of 60`);
});

test("an agent's gets continue until its watchers have caught up, and then end", async () => {
  const result = await measured(1, [
    ...["watch-get", "--watchers=40", "--events=3", "--streams=2", "--conns=2", "--clients=2"],
  ]);
  const byName = new Map(result.operations.map((each) => [each.name, each.requests.succeeded]));
  assert.equal([byName.get("watch-synced"), byName.get("watch-catch-up")], [40, 120]);
  assert.ok(byName.get("watch-get")! > 0);
});

test("a suite ends with the run that loses an agent, and resumes with other agents", async () => {
  const file = join(folder, "three.yaml");
  writeFileSync(
    file,
    `name: three
flags: { rate: 20, conns: 2, clients: 4, key-space-size: 100 }
cells:
  - { name: first, command: put, flags: { total: 20 } }
  - { name: second, command: put, flags: { duration: 3s } }
  - { name: third, command: put, flags: { total: 20 } }
`,
  );
  const saved = join(folder, "saved");
  const joinFile = coordination.file({ group: "of-run" });
  const agents = [agentOf(joinFile), agentOf(joinFile)];
  const run = new BenchProcess([
    ...["run", file, `--endpoints=${endpoint}`, `--save=${saved}`],
    ...["--agents=2", `--coordination=${joinFile}`],
  ]);
  await run.said(/run 2 of 3: second/);
  agents[0]!.signal("SIGKILL");
  const { code, stderr } = await run.ended;
  assert.is(code, 130, stderr);
  assert.match(stderr, /2 of 3 runs are missing; bench run --resume=/);
  const further = agentOf(joinFile);
  const resumed = new BenchProcess(["run", `--resume=${saved}`]);
  const ended = await resumed.ended;
  assert.is(ended.code, 0, ended.stderr);
  const names = ["001-first.json", "002-second.json", "003-third.json"].map((name) => {
    const result = checkedResult(JSON.parse(readFileSync(join(saved, name), "utf8")));
    assert.is(result.status, "complete");
    return result.client.agents!.map((agent) => agent.name).sort();
  });
  assert.is.not(names[0]!.join(), names[1]!.join());
  assert.equal(names[1], names[2]);
  for (const agent of [agents[1]!, further]) {
    agent.signal("SIGTERM");
    assert.is((await agent.ended).code, 0);
  }
});

test.run();
