/** Fills the disk of an agent, of the command or of the coordination etcd during a run on agents. */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { withCoordination } from "../etcd/coordination.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import {
  agentOf,
  assertComplete,
  assertInterrupted,
  ends,
  loadIsUnderWay,
  runOfAgents,
} from "../harness/agents.ts";
import { BenchProcess, bench, measuredBy, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { SmallDisk } from "../harness/small-disk.ts";

interface Context {
  folder: string;
  target: LocalCluster;
  put: string[];
}

const test = suite<Context>("full disks of a run on agents");

before(test, async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "bench-agents-disks-"));
  context.target = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.put = ["put", `--endpoints=${context.target.endpoints[0]}`, "--rate=100"];
});

test.after(async ({ target, folder }) => {
  await target?.down();
  rmSync(folder, { recursive: true });
});

test("a coordination etcd that cannot be made is not called the local cluster", async ({ put }) => {
  const { code, stderr } = await bench([...put, "--agents=2", "--conns=2", "--clients=5"], {
    env: { TMPDIR: "/nonexistent" },
  });
  assert.is(code, EXIT.usage, stderr);
  assert.match(stderr, /^bench: the coordination etcd could not be made in \/nonexistent: /m);
});

test("an agent whose disk is full sends its share", async ({ put, folder }) => {
  const disk = await SmallDisk.make(await mkdtemp(join(folder, "disk-")));
  try {
    await mkdir(join(disk.folder, "kept"));
    await disk.fill();
    await withCoordination(async (coordination) => {
      const file = coordination.file();
      const env = { TMPDIR: disk.folder, XDG_CACHE_HOME: join(disk.folder, "kept") };
      const agents = [agentOf(file), agentOf(file, { env })];
      const run = new BenchProcess([
        ...[...put, "--agents=2", "--conns=2", "--clients=5", "--duration=3s", "--output=json"],
        `--coordination=${file}`,
      ]);
      const result = assertComplete(await run.ended, 300);
      assert.ok(result.client.agents!.every(({ requests }) => requests > 0));
      for (const agent of agents) agent.signal("SIGINT");
      assert.equal(
        (await ends(agents)).map(({ code }) => code),
        [EXIT.done, EXIT.done],
      );
    });
  } finally {
    await disk.free();
    await disk.remove();
  }
});

test("when the command's disk is full, it prints the result, names the file, and releases the agents", async ({
  put,
  folder,
}) => {
  const disk = await SmallDisk.make(await mkdtemp(join(folder, "disk-")));
  try {
    const save = join(disk.folder, "kept");
    await mkdir(save);
    const under = await runOfAgents([...put, "--duration=6s", `--save=${save}`]);
    await loadIsUnderWay(under);
    await disk.fill();
    const end = await under.run.ended;
    const { result, code } = measuredBy(end);
    assert.is(onlyOperation(result).requests.succeeded, 600);
    assert.is.not(code, EXIT.done);
    assert.match(end.stderr, /no space left|permission/);
    assert.equal(
      (await ends(under.agents)).map((each) => each.code),
      [EXIT.done, EXIT.done],
    );
  } finally {
    await disk.free();
    await disk.remove();
  }
});

test("a full disk of the coordination etcd ends the run as interrupted", async ({
  put,
  folder,
}) => {
  const disk = await SmallDisk.make(await mkdtemp(join(folder, "disk-")), {
    sizeBytes: 200 * 2 ** 20,
  });
  // Without a mounted disk, etcd cannot fill one.
  if (!disk.isMounted) return;
  try {
    const run = new BenchProcess(
      [...put, "--duration=3m", "--agents=2", "--conns=2", "--clients=5", "--output=json"],
      { env: { TMPDIR: disk.folder } },
    );
    const [, file] = await run.said(/bench agent --join (\S+)/);
    const agents = [agentOf(file!), agentOf(file!)];
    await loadIsUnderWay({ run, agents });
    await disk.fill();
    assertInterrupted(await run.ended, /^agent \S+ was lost: /);
    for (const { code, stderr } of await ends(agents)) {
      assert.is(code, EXIT.unreachable, stderr);
    }
  } finally {
    await disk.free();
    await disk.remove();
  }
});

test.run();
