/** Load from several agents on this machine: the same keys and totals as from one, and what becomes of a lost one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { JOIN_FILE_VERSION, newGroupSecret, writeJoinFile } from "../../src/agents/join-file.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { isWholeRun } from "../harness/whole-run.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-agents-"));
let cluster: LocalCluster;
let endpoint: string;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  endpoint = cluster.endpoints[0]!;
});

test.after(async () => {
  await cluster?.down();
  rmSync(folder, { recursive: true });
});

/** A run, and the agents that join it. */
async function withTwoAgents(
  args: readonly string[],
  ofLoad: readonly string[] = ["--conns=2", "--clients=5", "--output=json"],
) {
  const run = new BenchProcess([...args, `--endpoints=${endpoint}`, "--agents=2", ...ofLoad]);
  const [, file] = await run.said(/bench agent --join (\S+)/);
  const agents = [1, 2].map(() => new BenchProcess(["agent", `--join=${file}`, "--workers=1"]));
  return { run, agents };
}

async function resultOf(run: BenchProcess): Promise<RunResult & { exitCode: number | null }> {
  const { code, stdout, stderr } = await run.ended;
  assert.ok(stdout.startsWith("{"), stderr);
  return { ...(JSON.parse(stdout) as RunResult), exitCode: code };
}

test("two agents put the keys that one machine puts, and a total that is odd", async () => {
  const args = ["put", "--total=2001", "--key-space-size=3000", "--sequential-keys"];
  const alone = await bench([...args, `--endpoints=${endpoint}`, "--clients=5"]);
  assert.is(alone.code, 0, alone.stderr);
  const keysOf = async () =>
    (await readStored(endpoint)).keys.map(({ key }) => key.toString("hex"));
  const keysAlone = await keysOf();
  await deleteStored(endpoint);
  const { run, agents } = await withTwoAgents(args);
  const result = await resultOf(run);
  assert.is(result.exitCode, 0);
  assert.is(result.status, "complete");
  const { requests } = onlyOperation(result);
  assert.equal([requests.offered, requests.succeeded, requests.dropped], [2001, 2001, 0]);
  assert.equal(await keysOf(), keysAlone);
  const rows = result.client.agents!;
  // Of five clients, connection 0 has three.
  assert.equal(rows.map((row) => row.requests).sort(), [1201, 800].sort());
  assert.is(result.client.workers, 2);
  assert.ok(rows.every(({ cpuSeconds, lost }) => cpuSeconds! > 0 && lost === null));
  assert.ok(
    rows.every(
      ({ startLateMs, clockUncertaintyMs }) => startLateMs! >= 0 && clockUncertaintyMs! > 0,
    ),
  );
  for (const { code, stderr } of await Promise.all(agents.map(({ ended }) => ended))) {
    assert.is(code, 0, stderr);
  }
});

test("agents join once for a suite, and send the load of each of its runs", async () => {
  const file = join(folder, "two.yaml");
  writeFileSync(
    file,
    `name: two
flags: { total: 21, conns: 2, clients: 2, key-space-size: 100 }
cells:
  - { name: puts, command: put }
  - { name: ranges, command: range }
`,
  );
  const saved = join(folder, "saved");
  const { run, agents } = await withTwoAgents(["run", file, `--save=${saved}`], []);
  const { code, stderr } = await run.ended;
  assert.is(code, 0, stderr);
  const results = ["001-puts.json", "002-ranges.json"].map(
    (name) => JSON.parse(readFileSync(join(saved, name), "utf8")) as RunResult,
  );
  const names = results.map(({ client }) => client.agents!.map(({ name }) => name));
  assert.is(names[0]!.length, 2);
  assert.equal(names[0], names[1]);
  for (const result of results) assert.is(onlyOperation(result).requests.succeeded, 21);
  await Promise.all(agents.map(({ ended }) => ended));
});

test("an agent that is killed ends the run as interrupted, with what was merged", async () => {
  const { run, agents } = await withTwoAgents(["put", "--rate=100", "--duration=2m"]);
  await run.said(/measuring/);
  agents[0]!.signal("SIGKILL");
  const result = await resultOf(run);
  assert.is(result.exitCode, 130);
  assert.is(result.status, "interrupted");
  assert.match(result.verdict.reasons[0]!, /^agent \S+ was lost: /);
  assert.ok(onlyOperation(result).requests.succeeded > 0);
  assert.is(result.client.agents!.filter(({ lost }) => lost !== null).length, 1);
  assert.is((await agents[1]!.ended).code, 0);
});

test("with --tolerate-agents the run goes on, and what was due on the lost one is dropped", async () => {
  if (!isWholeRun()) return;
  const { run, agents } = await withTwoAgents([
    ...["put", "--rate=100", "--duration=24s", "--tolerate-agents=1"],
  ]);
  await run.said(/measuring/);
  agents[0]!.signal("SIGKILL");
  const result = await resultOf(run);
  assert.is(result.status, "complete");
  const { requests } = onlyOperation(result);
  assert.is(requests.offered, 2400);
  assert.is(requests.succeeded + requests.failed + requests.dropped, 2400);
  assert.ok(requests.dropped > 300, `${requests.dropped} dropped`);
  assert.ok(result.notes.some((note) => /^Agent \S+ was lost/.test(note)));
  assert.is((await agents[1]!.ended).code, 0);
});

test("the etcd under test coordinates nothing, and flags without a meaning are refused", async () => {
  const file = join(folder, "join.json");
  writeJoinFile(file, {
    ...{ version: JOIN_FILE_VERSION, endpoints: [endpoint], group: "g", secret: newGroupSecret() },
    ...{ tls: null, user: null },
  });
  const put = ["put", `--endpoints=${endpoint}`];
  for (const [args, words] of [
    [[...put, "--agents=1", `--coordination=${file}`], /it is the etcd under test/],
    [[...put, "--agents=2"], /give at least --conns=2 --clients=2/],
    [[...put, "--agents=1", "--tolerate-agents=1"], /at least one of the 1 agents has to stay/],
    [[...put, "--tolerate-agents=1"], /no meaning without --agents/],
    [["agent"], /--join is missing/],
  ] as const) {
    const { code, stderr } = await bench(args);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
  }
});

test.run();
