/** Sends load from agents on a machine that other processes keep busy. */
import { type ChildProcess, spawn } from "node:child_process";
import os from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { ends, runOfAgents } from "../harness/agents.ts";
import { measuredBy } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

let cluster: LocalCluster;
const busy: ChildProcess[] = [];

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});

test.after(async () => {
  for (const each of busy) each.kill("SIGKILL");
  await cluster?.down();
});

test("a run of agents on a busy machine says so once for all that are on it, and not of the command's", async () => {
  for (let count = 0; count < 2 * os.availableParallelism(); count++) {
    busy.push(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  }
  const { run, agents } = await runOfAgents([
    ...["put", `--endpoints=${cluster.endpoints[0]}`, "--rate=100", "--duration=2s"],
  ]);
  const { result } = measuredBy(await run.ended);
  await ends(agents);
  assert.is(result.machine, null);
  const rows = result.client.agents!;
  assert.equal(
    rows.map(({ machineNumber }) => machineNumber),
    [1, 1],
  );
  assert.ok(rows.every(({ machine }) => machine!.otherCpuPercent! > 10));
  const about = result.notes.filter((note) => note.startsWith("Other processes took "));
  assert.is(about.length, 1, result.notes.join("\n"));
  assert.match(
    about[0]!,
    / of the CPU of the machine of agents \S+ and \S+ during the measurement/,
  );
});

test.run();
