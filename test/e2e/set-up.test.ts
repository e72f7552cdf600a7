/** Tests that a set-up refused by etcd fails the run with etcd's reason, and leaves nothing. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { bench } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ cluster: LocalCluster }>("set-up");

before(test, async (context) => {
  context.cluster = await startLocalCluster({
    binary: await etcdForTests(),
    members: 1,
    extraArgs: ["--max-request-bytes=65536"],
  });
});
test.after(({ cluster }) => cluster?.down());

const LARGE = "--val-size=100KB";
const KEYS = "--key-space-size=20";

for (const args of [
  ["range", LARGE, "--total=100"],
  ["mixed", "--mix=range=1", KEYS, LARGE, "--total=100", "--max-error-rate=100%"],
  ["kubernetes", "--nodes=2", "--pods=5", "--clients=2", "--pod-size=100KB", "--total=100"],
  ["watch-get", "--watchers=4", "--streams=2", "--events=5", LARGE],
  ["compact", "--foreground=mixed", KEYS, LARGE, "--duration=2s"],
]) {
  test(`${args.join(" ")}: keys that etcd refuses as too large fail the run`, async ({
    cluster,
  }) => {
    const endpoint = cluster.endpoints[0]!;
    const end = await bench([...args, `--endpoints=${endpoint}`, "--cleanup"]);
    assert.is(end.code, 2, end.stderr);
    assert.is(end.stdout, "");
    const line = end.stderr.trimEnd().split("\n").at(-1)!;
    assert.match(
      line,
      /could not be .*INVALID_ARGUMENT: etcdserver: request is too large.*--val-size/,
    );
    const { keys } = await readStored(endpoint);
    assert.equal(
      keys.map(({ key }) => key.toString("latin1")),
      [],
    );
  });
}

test("when etcd refuses only some of the values, the run fails and the others are deleted", async ({
  cluster,
}) => {
  const endpoint = cluster.endpoints[0]!;
  const flags = [`--endpoints=${endpoint}`, "--key-space-size=50", "--val-size=1KB..100KB"];
  const end = await bench(["range", ...flags, "--total=100", "--cleanup"]);
  assert.is(end.code, 2, end.stderr);
  assert.match(end.stderr, /\d+ of 50 puts failed: INVALID_ARGUMENT: etcdserver: request is too/);
  assert.match(end.stderr, /--cleanup deleted \d+ keys? that this run had written/);
  assert.equal((await readStored(endpoint)).keys, []);
});

test("the error of a suite's preparation has etcd's reason", async ({ cluster }) => {
  const folder = await mkdtemp(join(tmpdir(), "bench-set-up-"));
  try {
    const prepare = "[{ command: put, flags: { total: 5, val-size: 100KB } }]";
    const cell = `{ name: a, command: put, flags: { total: 5 }, prepare: ${prepare} }`;
    await writeFile(join(folder, "s.yaml"), `name: s\ncells: [${cell}]\n`);
    const words = ["run", "s.yaml", `--endpoints=${cluster.endpoints[0]}`, "--save=kept"];
    const end = await bench(words, { cwd: folder });
    assert.is(end.code, 1, end.stderr);
    assert.match(
      end.stderr,
      /^bench: a: what comes before the run went wrong: .*INVALID_ARGUMENT: .*request is too large/m,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
