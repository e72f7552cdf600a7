/** Runs agents on the user's coordination etcd, by URL and files: TLS, a client certificate, a user. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { seenProcesses } from "../harness/process-list.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-agents-url-"));
let target: LocalCluster;
let coordination: LocalCluster;

before(test, async () => {
  const binary = await etcdForTests();
  target = await startLocalCluster({ binary, members: 1 });
  const security = { tls: true, auth: "simple" } as const;
  coordination = await startLocalCluster({ binary, members: 1, security });
});

test.after(async () => {
  await Promise.all([target?.down(), coordination?.down()]);
  rmSync(folder, { recursive: true });
});

test("agent and run meet by URL, group and files, and no secret is in the list of processes", async () => {
  const { tls, credentials } = coordination.access;
  const secret = randomBytes(32).toString("base64");
  const files = {
    ...{ cacert: tls!.ca!, cert: tls!.cert!, key: tls!.key! },
    ...{ "password-file": credentials!.password, "secret-file": secret },
  };
  const args = Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return `--coordination-${name}=${path}`;
  });
  args.push(`--coordination=https://${coordination.endpoints[0]}`, "--group=load");
  args.push(`--coordination-user=${credentials!.user}`);
  const agent = new BenchProcess(["agent", ...args, "--name=here", "--workers=1"]);
  await agent.said(/agent here has joined the group load/);
  for (const { commandLine } of await seenProcesses(agent.pid)) {
    assert.not.ok(commandLine.includes(secret) || commandLine.includes(credentials!.password));
  }
  const put = ["put", `--endpoints=${target.endpoints[0]}`, ...args];
  // An interrupted run that waits leaves the group free for the next.
  const waiting = new BenchProcess([...put, "--agents=2", "--conns=2", "--clients=2"]);
  await waiting.said(/1 of 2 have joined/);
  waiting.signal("SIGINT");
  const interrupted = await waiting.ended;
  assert.is(interrupted.code, 130, interrupted.stderr);
  assert.match(interrupted.stderr, /letting the agents go.*interrupted: no load was sent/s);
  const run = await bench([...put, "--agents=1", "--total=100", "--output=json"]);
  assert.is(run.code, 0, run.stderr);
  const result = JSON.parse(run.stdout);
  assert.is(onlyOperation(result).requests.succeeded, 100);
  assert.is(result.client.agents[0].name, "here");
  agent.signal("SIGTERM");
  assert.is((await agent.ended).code, 0);
});

test.run();
