/** Sends load from several local agents: same keys and totals as from one machine, and a lost agent. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { CoordinationEtcd } from "../etcd/coordination.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import { agentOf } from "../harness/agents.ts";
import {
  BenchProcess,
  bench,
  checkedResult,
  measuredBy,
  onlyOperation,
} from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-agents-"));
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

test("agents join once for a suite, and each of its runs puts the same keys as one machine", async () => {
  const file = join(folder, "two.yaml");
  writeFileSync(
    file,
    `name: two
flags: { total: 501, conns: 2, clients: 5, key-space-size: 600, sequential-keys: true }
cells:
  - { name: first, command: put }
  - { name: second, command: put }
`,
  );
  const alone = await bench([
    ...["put", "--total=501", "--key-space-size=600", "--sequential-keys", "--clients=5"],
    `--endpoints=${endpoint}`,
  ]);
  assert.is(alone.code, 0, alone.stderr);
  const keysOf = async () =>
    (await readStored(endpoint)).keys.map(({ key }) => key.toString("hex"));
  const keysAlone = await keysOf();
  await deleteStored(endpoint);
  const saved = join(folder, "saved");
  const run = new BenchProcess([
    ...["run", file, `--endpoints=${endpoint}`, "--agents=2", `--save=${saved}`],
  ]);
  // The agents leave with the coordination etcd that the run started.
  const [, ownFile] = await run.said(/bench agent --join (\S+)/);
  const own = [agentOf(ownFile!), agentOf(ownFile!)];
  const { code, stderr } = await run.ended;
  assert.is(code, 0, stderr);
  assert.equal(await keysOf(), keysAlone);
  const results = ["001-first.json", "002-second.json"].map((name) =>
    checkedResult(JSON.parse(readFileSync(join(saved, name), "utf8"))),
  );
  for (const result of results) {
    assert.is(result.status, "complete");
    const { requests } = onlyOperation(result);
    assert.equal([requests.offered, requests.succeeded, requests.dropped], [501, 501, 0]);
    const rows = result.client.agents!;
    // With five clients, connection 0 has three.
    assert.equal(rows.map((row) => row.requests).sort(), [301, 200].sort());
    assert.is(result.client.workers, 2);
    assert.equal(result.target.connections, [{ member: "etcd1", count: 2, messages: 501 }]);
    for (const { cpuSeconds, lost, startLateMs, clockUncertaintyMs } of rows) {
      assert.is(lost, null);
      assert.ok(cpuSeconds! > 0 && startLateMs! >= 0 && clockUncertaintyMs! > 0);
    }
  }
  const names = results.map(({ client }) => client.agents!.map(({ name }) => name));
  assert.equal(names[0], names[1]);
  for (const each of await Promise.all(own.map(({ ended }) => ended))) {
    assert.is(each.code, 0, each.stderr);
  }
});

test("the etcd under test must not coordinate, and meaningless flags are refused", async () => {
  const file = coordination.file({ endpoints: [endpoint] });
  const put = ["put", `--endpoints=${endpoint}`];
  for (const [args, words] of [
    [[...put, "--agents=1", `--coordination=${file}`], /it is the etcd under test/],
    [[...put, "--agents=2"], /give at least --conns=2 --clients=2/],
    [[...put, "--agents=1", "--tolerate-agents=1"], /at least one of the 1 agents has to stay/],
    [[...put, "--tolerate-agents=1"], /no meaning without --agents/],
    [["agent"], /--join is missing/],
    [
      ["run", "quick", `--endpoints=${endpoint}`, "--agents=2"],
      /reads, one client: .* --conns=2 --clients=2, .*'--skip=reads, one client' .*--skip=locks/,
    ],
  ] as const) {
    const { code, stderr } = await bench(args);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
  }
});

test("a run warns about an etcd at 127.0.0.1 when the coordination etcd is elsewhere", async () => {
  const file = coordination.file({ endpoints: ["elsewhere.invalid:2379"] });
  const saved = join(folder, "none");
  const { code, stderr } = await bench([
    ...["ab", "put", `--endpoints=${endpoint}`, "--agents=1", `--coordination=${file}`],
    ...["--total=10", "--b-flags=--conns=1", `--save=${saved}`],
  ]);
  assert.is(code, 3, stderr);
  assert.match(stderr, new RegExp(`note: agents on other machines cannot reach ${endpoint}; give`));
  assert.not.ok(existsSync(saved), "no folder without a run is left");
});

test("an agent that nohup started outlasts a hang-up, and its run too", async () => {
  const joinFile = coordination.file({ group: "nohup" });
  // What the launcher of bench tells, since Node takes the ignored signal back.
  const agent = agentOf(joinFile, { env: { BENCH_SIGHUP: "ignored" } });
  const run = new BenchProcess([
    ...["put", `--endpoints=${endpoint}`, "--total=100", "--rate=100", "--output=json"],
    ...["--agents=1", `--coordination=${joinFile}`],
  ]);
  await run.said(/measuring/);
  agent.signal("SIGHUP");
  const { result, code } = measuredBy(await run.ended);
  assert.is(code, 0, JSON.stringify(result.verdict));
  assert.is(onlyOperation(result).requests.succeeded, 100);
  agent.signal("SIGTERM");
  assert.is((await agent.ended).code, 0);
});

test("a killed agent ends the run as interrupted, with the load merged so far", async () => {
  const joinFile = coordination.file();
  const agents = [agentOf(joinFile), agentOf(joinFile)];
  const run = new BenchProcess([
    ...["put", `--endpoints=${endpoint}`, "--rate=10", "--duration=2m", "--output=json"],
    ...["--agents=2", `--coordination=${joinFile}`, "--conns=2", "--clients=5"],
  ]);
  await run.said(/measuring/);
  agents[0]!.signal("SIGKILL");
  const { result, code } = measuredBy(await run.ended);
  assert.is(code, 130);
  assert.is(result.status, "interrupted");
  assert.match(result.verdict.reasons[0]!, /^agent \S+ was lost: /);
  assert.ok(onlyOperation(result).requests.succeeded > 0);
  assert.is(result.client.agents!.filter(({ lost }) => lost !== null).length, 1);
  // The other agent waits for the next run.
  agents[1]!.signal("SIGTERM");
  assert.is((await agents[1]!.ended).code, 0);
});

test.run();
