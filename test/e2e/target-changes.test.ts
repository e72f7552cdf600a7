/** Moves the leader or empties etcd during a run of bench. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { ControlClient } from "../../src/etcd/control-client.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { moveLeader } from "../etcd/cluster-leader.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import type { Measured } from "../harness/bench-process.ts";
import { BenchProcess, measuredBy } from "../harness/bench-process.ts";

/** More keys than such a slow run puts until it is interrupted. */
const KEYS_BEFORE = 300;

/** Starts a slow run, calls `change` after its first put, and then interrupts the run. */
async function measureAcross(
  cluster: LocalCluster,
  change: () => Promise<void>,
): Promise<Measured> {
  const [endpoint] = cluster.endpoints;
  const { revision: before } = await readStored(endpoint!);
  const run = new BenchProcess([
    "put",
    `--endpoints=${cluster.endpoints.join(",")}`,
    "--rate=2",
    "--duration=10m",
    "--clients=3",
    "--conns=3",
    "--output=json",
  ]);
  await run.until("the run has put keys", async () => {
    return (await readStored(endpoint!)).revision > before;
  });
  await change();
  run.signal("SIGINT");
  return measuredBy(await run.ended);
}

test("a change of leader during the run is in the result, and the run is valid", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
  try {
    const { result, stderr } = await measureAcross(cluster, () => moveLeader(cluster));
    const moved = result.target.changes.filter(({ kind }) => kind === "leader");
    // On a busy machine, the leader may also change on its own.
    assert.ok(moved.length > 0, JSON.stringify([result.target.changes, stderr]));
    for (const { text, isFault } of moved) {
      assert.match(text, /^the leader moved from etcd\d to etcd\d$/);
      assert.is(isFault, false);
    }
  } finally {
    await cluster.down();
  }
});

test("an etcd that is emptied during the run fails the run, which prints the revisions", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  const client = new ControlClient(cluster.endpoints);
  try {
    for (let put = 0; put < KEYS_BEFORE; put++) {
      await client.put({ key: Buffer.from("before"), value: Buffer.alloc(1) });
    }
    const { code, result, stderr } = await measureAcross(cluster, async () => {
      await cluster.kill("etcd1");
      await rm(cluster.members[0]!.dataDir, { recursive: true });
      await cluster.restart("etcd1");
    });
    assert.is(code, 130, stderr);
    assert.match(
      stderr,
      /^verdict of put: errors \(interrupted\): .*the revision of .* went back from/m,
    );
    const changes = result.target.changes.filter(({ kind }) => kind === "revision");
    assert.is(changes.length, 1, JSON.stringify([result.target.changes, stderr]));
    assert.match(changes[0]!.text, /went back from \d{3} to \d{1,2}: etcd was emptied or restored/);
    assert.is(changes[0]!.isFault, true);
  } finally {
    client.close();
    await cluster.down();
  }
});

test("the report of bench memory says which members joined while it measured", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  const [endpoint] = cluster.endpoints;
  const client = new ControlClient(cluster.endpoints);
  const folder = await mkdtemp(join(tmpdir(), "bench-memory-"));
  try {
    const outputs = ["table", "json=memory.json", "markdown=memory.md"];
    const run = new BenchProcess(
      [
        ...["memory", `--endpoints=${endpoint}`, "--of=keys:2k", "--steps=20", "--settle=100ms"],
        ...outputs.map((each) => `--output=${each}`),
      ],
      { cwd: folder },
    );
    await run.until("keys are there", async () => {
      return (await readStored(endpoint!)).keys.length > 0;
    });
    await client.addMember({ peerUrls: ["http://127.0.0.1:1"], isLearner: true });
    const { code, stdout, stderr } = await run.ended;
    assert.is(code, EXIT.done, stderr);
    const files = ["memory.json", "memory.md"].map((name) => readFile(join(folder, name), "utf8"));
    for (const text of [stdout, ...(await Promise.all(files))]) {
      assert.match(
        text,
        /Seen [\d.]+ s after the start: the learner \S+ joined the cluster, which/,
      );
    }
  } finally {
    client.close();
    await cluster.down();
    await rm(folder, { recursive: true });
  }
});

test.run();
