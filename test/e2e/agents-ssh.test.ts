/** Starts agents with `bench agents up` over a real sshd: several runs, then complete removal. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { takeAllDown } from "../harness/agents.ts";
import { type BenchEnd, BenchProcess, bench, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { seenProcesses } from "../harness/process-list.ts";
import { SmallDisk } from "../harness/small-disk.ts";
import { isWholeRun } from "../harness/whole-run.ts";
import { NO_SSHD, Sshd, SshKeys } from "../peers/sshd.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-agents-ssh-"));
const env = { XDG_STATE_HOME: join(folder, "state") };
const onHosts = join(folder, "on hosts' disk");
const group = join(env.XDG_STATE_HOME, "etcd-bench", "agents", "default");
let keys: SshKeys;
let first: Sshd;
let second: Sshd;
let cluster: LocalCluster;
let etcdPath: string;

const tested = NO_SSHD === null ? test : test.skip;
if (NO_SSHD !== null) console.log(`skipped: agents over ssh: ${NO_SSHD}`);

/** Runs `bench agents` as a user does. */
function agents(...args: string[]): Promise<BenchEnd> {
  return bench(["agents", ...args], { env });
}

function upArgs(...hosts: string[]): string[] {
  return [
    ...["up", `--ssh=${hosts.join(",")}`, `--ssh-config=${keys.configFile}`, "--workers=1"],
    ...[`--ssh-folder=${onHosts}`, `--etcd=${etcdPath}`, "--coordination-host=127.0.0.1"],
  ];
}

const host = ({ port }: Sshd) => `127.0.0.1:${port}`;

/** Asserts that nothing remains: no folder on a host, no state, no process. */
function assertNothingLeft(): void {
  assert.equal(readdirSync(onHosts), []);
  assert.not.ok(existsSync(group), "the state is removed");
}

before(test, async () => {
  if (NO_SSHD !== null) return;
  mkdirSync(onHosts);
  const binary = await etcdForTests();
  etcdPath = binary.path;
  keys = new SshKeys();
  first = await Sshd.start(keys);
  second = await Sshd.start(keys);
  cluster = await startLocalCluster({ binary, members: 1 });
});

// Groups left by a failed test would fail the next tests.
test.after.each(async () => {
  if (NO_SSHD === null) await takeAllDown(env);
});

test.after(async () => {
  await Promise.all([first, second].map((each) => each?.stop()));
  await cluster?.down();
  keys?.remove();
  rmSync(folder, { recursive: true });
});

tested("agents on two hosts serve several runs until they are taken down", async () => {
  const up = await agents(...upArgs(host(first), host(second)));
  assert.is(up.code, 0, up.stderr);
  const join_ = /--coordination=(\S+);/.exec(up.stdout)![1]!;
  const secrets = JSON.parse(readFileSync(join_, "utf8"));
  for (const { commandLine, environment } of await seenProcesses(1)) {
    for (const secret of [secrets.secret, secrets.user.password]) {
      assert.not.ok(`${commandLine}${environment}`.includes(secret));
    }
  }
  for (const total of [101, 100]) {
    const run = await bench([
      ...["put", `--endpoints=${cluster.endpoints[0]}`, "--agents=2", `--coordination=${join_}`],
      ...["--conns=2", "--clients=2", `--total=${total}`, "--output=json"],
    ]);
    assert.is(run.code, 0, run.stderr);
    const result = JSON.parse(run.stdout);
    assert.is(onlyOperation(result).requests.succeeded, total);
    assert.equal(result.client.agents.map(({ name }: { name: string }) => name).sort(), [
      "127.0.0.1",
      "127.0.0.1-2",
    ]);
  }
  const { stdout, code } = await agents("status", "-o", "json");
  assert.is(code, 0);
  const status = JSON.parse(stdout);
  assert.is(status.coordinationFault, null);
  for (const { seen, member } of status.agents) {
    assert.is(seen.state, "running");
    assert.ok(member.leaseLeftSeconds > 0);
    assert.not.ok(member.isBusy);
  }
  const again = await agents(...upArgs(host(first)));
  assert.is(again.code, 2);
  assert.match(again.stderr, /agents of the group default are up already/);
  const down = await agents("down");
  assert.is(down.code, 0, down.stderr);
  assert.match(down.stdout, /^agents default: ended and removed/);
  assertNothingLeft();
});

tested("an unreachable host ends the agents on the others, and the error has the fix", async () => {
  const end = await agents(...upArgs(host(first), "127.0.0.1:1"));
  assert.is(end.code, 3, end.stderr);
  assert.match(end.stderr, /127\.0\.0\.1:1: it is not reachable by ssh/);
  assertNothingLeft();
});

tested(
  "errors for no Node, an unknown host key and an invalid host name have the fix",
  async () => {
    if (!isWholeRun()) return;
    const other = join(keys.folder, "other");
    writeFileSync(other, "");
    for (const [args, code, words] of [
      // The host is unreachable, but nothing was started there, so bench does not connect to end it.
      [[...upArgs("127.0.0.1:1"), "--etcd=/no/etcd"], 2, /\/no\/etcd/],
      [[...upArgs(host(first)), "--node=/no node"], 2, /it has no Node there: .*--node=PATH/],
      [
        [...upArgs(host(first)), `--ssh-option=UserKnownHostsFile=${other}`],
        3,
        /its host key is not known: connect once with ssh -F /,
      ],
      [upArgs("-oProxyCommand=id"), 2, /"-oProxyCommand=id" is no host/],
    ] as const) {
      const end = await agents(...args);
      assert.is(end.code, code, end.stderr);
      assert.match(end.stderr, words);
      assertNothingLeft();
    }
  },
);

tested(
  "an agent that ends or hangs before it joins is reported with the end of its log",
  async () => {
    if (!isWholeRun()) return;
    const ends = await agents(
      ...upArgs(host(first)),
      `--node=${nodeThat("echo its last words >&2")}`,
    );
    assert.is(ends.code, 3, ends.stderr);
    assert.match(ends.stderr, /has ended before it joined: its log ends: its last words/);
    assertNothingLeft();
    const hangs = await agents(
      ...[...upArgs(host(first)), `--node=${nodeThat("echo busy; exec sleep 1000")}`],
      "--agents-within=3s",
    );
    assert.is(hangs.code, 2, hangs.stderr);
    assert.match(
      hangs.stderr,
      /has not joined in time \(running\): its log ends: busy; check that/,
    );
    assertNothingLeft();
  },
);

tested("Ctrl-C ends all that was started, and after kill -9 the next command does", async () => {
  if (!isWholeRun()) return;
  const args = [...upArgs(host(first)), `--node=${nodeThat("exec sleep 1000")}`];
  const interrupted = new BenchProcess(["agents", ...args], { env });
  await interrupted.said(/0 of 1 have joined/);
  interrupted.signal("SIGINT");
  assert.is((await interrupted.ended).code, 130);
  assertNothingLeft();
  const killed = new BenchProcess(["agents", ...args], { env });
  await killed.said(/0 of 1 have joined/);
  killed.signal("SIGKILL");
  await killed.ended;
  const status = await agents("status");
  assert.is(status.code, 1);
  assert.match(status.stdout, /a start that goes on or was interrupted/);
  const down = await agents("down");
  assert.is(down.code, 0, down.stderr);
  assertNothingLeft();
});

tested("an unreachable host stays in the record until down reaches it", async () => {
  if (!isWholeRun()) return;
  const up = await agents(...upArgs(host(first), host(second)));
  assert.is(up.code, 0, up.stderr);
  const { port } = second;
  await second.stop();
  const down = await agents("down");
  assert.is(down.code, 1, down.stderr);
  assert.match(down.stderr, new RegExp(`127\\.0\\.0\\.1:${port}: the agent may still run`));
  assert.is(readdirSync(onHosts).length, 1);
  assert.match((await agents("status")).stdout, /127\.0\.0\.1-2/);
  second = await Sshd.start(keys, { port });
  assert.is((await agents("down")).code, 0);
  assertNothingLeft();
});

tested("a host that hangs, or a full disk on a host, ends the start", async () => {
  if (!isWholeRun()) return;
  second.signal("SIGSTOP");
  const hung = await agents(
    ...[...upArgs(host(first), host(second)), "--ssh-option=ConnectTimeout=2"],
  );
  second.signal("SIGCONT");
  assert.is(hung.code, 3, hung.stderr);
  assert.match(hung.stderr, new RegExp(`127\\.0\\.0\\.1:${second.port}: it is not reachable`));
  assertNothingLeft();
  const disk = await SmallDisk.make(folder);
  try {
    mkdirSync(join(disk.folder, "kept"));
    await disk.fill();
    const full = await agents(...upArgs(host(first)), `--ssh-folder=${disk.folder}/kept`);
    assert.is(full.code, 2, full.stderr);
    assert.match(full.stderr, /its disk is full|its folder cannot be used/);
    assertNothingLeft();
  } finally {
    await disk.remove();
  }
});

tested("down refuses agents that a run uses, unless it is forced", async () => {
  if (!isWholeRun()) return;
  const up = await agents(...upArgs(host(first)));
  assert.is(up.code, 0, up.stderr);
  const run = new BenchProcess([
    ...["put", `--endpoints=${cluster.endpoints[0]}`, "--agents=1", "--rate=10", "--duration=5m"],
    `--coordination=${join(group, "join.json")}`,
  ]);
  await run.said(/measuring/);
  const status = JSON.parse((await agents("status", "-o", "json")).stdout);
  assert.ok(status.agents[0].member.isBusy);
  const refused = await agents("down");
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /a run has the agents of default: .*--force/);
  assert.is((await agents("down", "--force")).code, 0);
  assert.is((await run.ended).code, 130);
  assertNothingLeft();
});

tested("a second group joins the etcd of the first one through a jump host", async () => {
  if (!isWholeRun()) return;
  assert.is((await agents(...upArgs(host(first)))).code, 0);
  const shared = join(group, "join.json");
  const two = ["--group=two", `--coordination=${shared}`];
  const jump = `--ssh-option=ProxyJump=${host(first)}`;
  const up = await agents(...upArgs(host(second)), ...two, jump);
  assert.is(up.code, 0, up.stderr);
  const list = await agents("list", "-o", "json");
  assert.equal(
    JSON.parse(list.stdout).map((each: { name: string }) => each.name),
    ["default", "two"],
  );
  assert.match((await agents("down")).stderr, /there are 2 groups of agents: give --group=default/);
  assert.is((await agents("down", "two")).code, 0);
  const status = JSON.parse((await agents("status", "-o", "json")).stdout);
  assert.is(status.coordinationFault, null);
  assert.is(status.agents.length, 1);
  assert.is((await agents("down")).code, 0);
  assertNothingLeft();
});

tested("a folder with other files is refused and not changed", async () => {
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, "mine.txt"), "");
  for (const args of [["down"], ["status"], upArgs(host(first))]) {
    const end = await agents(...args);
    assert.is(end.code, 2);
    assert.match(end.stderr, /is not a folder of bench agents: it has mine\.txt/);
  }
  assert.equal(readdirSync(group), ["mine.txt"]);
  rmSync(group, { recursive: true });
});

/** Returns the path of a fake Node that runs these commands instead of the agent. */
function nodeThat(commands: string): string {
  const path = join(folder, "node");
  const start = `Object.defineProperty(process, 'execPath', { value: '${path}' }); $2`;
  writeFileSync(
    path,
    `#!/bin/sh\n[ "$1" = -e ] && exec '${process.execPath}' -e "${start}"\n${commands}\n`,
    { mode: 0o755 },
  );
  return path;
}

test.run();
