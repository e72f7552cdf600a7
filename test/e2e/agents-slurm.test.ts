/** Starts agents with `bench agents up` in a real Slurm: four tasks, several runs, complete removal. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { takeAllDown } from "../harness/agents.ts";
import { type BenchEnd, BenchProcess, bench, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { NO_SLURM, Slurm } from "../peers/slurm.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-agents-slurm-"));
const shared = join(folder, "shared by 100% of nodes'");
const group = join(folder, "state", "etcd-bench", "agents", "load");
const TASKS = 4;
let env: NodeJS.ProcessEnv;
let slurm: Slurm;
let cluster: LocalCluster;
let upArgs: string[];

const tested = NO_SLURM === null ? test : test.skip;
if (NO_SLURM !== null) console.log(`skipped: agents by Slurm: ${NO_SLURM}`);

/** Runs `bench agents` as a user does. */
function agents(...args: string[]): Promise<BenchEnd> {
  return bench(["agents", ...args], { env });
}

function assertNothingLeft(): void {
  assert.equal(readdirSync(shared), []);
  assert.not.ok(existsSync(group), "the state is removed");
  const jobs = execFileSync("squeue", ["--noheader"], { env: { ...process.env, ...env } });
  assert.is(String(jobs), "");
}

before(test, async () => {
  if (NO_SLURM !== null) return;
  mkdirSync(shared);
  slurm = await Slurm.start(TASKS);
  env = { XDG_STATE_HOME: join(folder, "state"), SLURM_CONF: slurm.configFile };
  const binary = await etcdForTests();
  cluster = await startLocalCluster({ binary, members: 1 });
  upArgs = [
    ...["up", "load", "--slurm", "--workers=1", `--slurm-folder=${shared}`],
    ...[`--node=${process.execPath}`, `--etcd=${binary.path}`, "--coordination-host=127.0.0.1"],
  ];
});

// Groups left by a failed test would fail the next tests.
test.after.each(async () => {
  if (NO_SLURM === null) await takeAllDown(env);
});

test.after(async () => {
  await cluster?.down();
  await slurm?.stop();
  rmSync(folder, { recursive: true });
});

tested("four tasks of a job serve several runs until they are taken down", async () => {
  const up = await agents(...upArgs, `--ntasks=${TASKS}`);
  assert.is(up.code, 0, up.stderr);
  for (const total of [401, 400]) {
    const run = await bench([
      ...["put", `--endpoints=${cluster.endpoints[0]}`, `--agents=${TASKS}`, "--conns=4"],
      ...[`--coordination=${join(group, "join.json")}`, "--clients=4", `--total=${total}`],
      "--output=json",
    ]);
    assert.is(run.code, 0, run.stderr);
    const result = JSON.parse(run.stdout);
    assert.is(onlyOperation(result).requests.succeeded, total);
    assert.equal(result.client.agents.map(({ name }: { name: string }) => name).sort(), [
      "load-0",
      "load-1",
      "load-2",
      "load-3",
    ]);
  }
  const status = JSON.parse((await agents("status", "-o", "json")).stdout);
  assert.equal(
    status.agents.map(({ seen }: { seen: { state: string } }) => seen.state),
    Array(TASKS).fill("running"),
  );
  assert.match(status.agents[3].where, /^\S+, task 3$/);
  const down = await agents("down");
  assert.is(down.code, 0, down.stderr);
  assertNothingLeft();
});

tested("Ctrl-C ends a job that waits for nodes, and after kill -9 down ends it", async () => {
  // The start time keeps the job waiting.
  const waiting = [...upArgs, "--ntasks=4", "--slurm-option=begin=now+1hour"];
  const interrupted = new BenchProcess(["agents", ...waiting], { env });
  await interrupted.said(/0 of 4 have joined/);
  interrupted.signal("SIGINT");
  assert.is((await interrupted.ended).code, 130);
  assertNothingLeft();
  const killed = new BenchProcess(["agents", ...waiting], { env });
  await killed.said(/0 of 4 have joined/);
  killed.signal("SIGKILL");
  await killed.ended;
  assert.match((await agents("status")).stdout, /load-3: its job waits: BeginTime/);
  const down = await agents("down");
  assert.is(down.code, 0, down.stderr);
  assertNothingLeft();
});

tested("errors of sbatch, and an agent that ends, are reported with the reason", async () => {
  for (const [args, code, words] of [
    [["--partition=none"], 2, /sbatch failed: .*invalid partition.*check --partition/i],
    [
      ["--node=/no/node"],
      3,
      /agent load-0 on .* has ended before it joined: exit code 127; .*no\/node/,
    ],
  ] as const) {
    const end = await agents(...upArgs, ...args);
    assert.is(end.code, code, end.stderr);
    assert.match(end.stderr, words);
    assertNothingLeft();
  }
});

tested("an error names Slurm that is installed but not set up", async () => {
  const tools = join(folder, "tools");
  mkdirSync(tools);
  const said = "sbatch: fatal: Could not establish a configuration source";
  writeFileSync(join(tools, "sbatch"), `#!/bin/sh\necho '${said}' >&2\nexit 1\n`, { mode: 0o755 });
  const { code, stderr } = await bench(["agents", ...upArgs], {
    env: { ...env, PATH: `${tools}:${process.env.PATH}` },
  });
  assert.is(code, 2);
  assert.match(
    stderr,
    /--slurm: sbatch cannot be used: Slurm is not set up on this machine \(.*or set SLURM_CONF/,
  );
  assertNothingLeft();
});

test.run();
