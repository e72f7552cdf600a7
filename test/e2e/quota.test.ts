/** Tests etcd's backend quota: a run above it is refused, and a run that reaches it is explained. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const QUOTA_BYTES = 16 * 2 ** 20;

const test = suite<{ cluster: LocalCluster }>("quota");

before(test, async (context) => {
  context.cluster = await startLocalCluster({
    binary: await etcdForTests(),
    members: 1,
    extraArgs: [`--quota-backend-bytes=${QUOTA_BYTES}`],
  });
});
test.after(({ cluster }) => cluster?.down());

test("a run whose puts exceed the quota is refused with the calculation, and writes nothing", async ({
  cluster,
}) => {
  const endpoint = cluster.endpoints[0]!;
  const before = await readStored(endpoint);
  for (const load of [["--total=1000"], ["--rate=500", "--duration=2s"]]) {
    const args = ["put", `--endpoints=${endpoint}`, "--val-size=100KiB", ...load];
    const { code, stdout, stderr } = await bench(args);
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    const line = stderr.trimEnd().split("\n").at(-1)!;
    assert.match(line, /^bench: 1,000 puts of 8 \+ 102400 bytes .* 10[56] kB each/);
    assert.match(line, /10[56] MB in all, .* of its backend quota of 16\.8 MB; .*--force/);
  }
  assert.is((await readStored(endpoint)).revision, before.revision);
});

test("a run within the quota, or with an unknown amount of writes, starts without a note", async ({
  cluster,
}) => {
  const flags = [`--endpoints=${cluster.endpoints[0]}`, "--val-size=10KiB"];
  for (const load of [["--total=50"], ["--duration=10s", "--total=20"]]) {
    const { code, result, stderr } = await measure(["put", ...flags, ...load]);
    assert.is(code, 0, stderr);
    assert.not.ok(result.notes.some((note) => /quota/.test(note)));
  }
});

test("with --force it starts, and requests that the quota refuses are counted and explained", async ({
  cluster,
}) => {
  const flags = [`--endpoints=${cluster.endpoints[0]}`, "--val-size=100KiB", "--total=400"];
  const json = await measure(["put", ...flags, "--clients=4", "--force"]);
  assert.is(json.code, 1, json.stderr);
  assert.ok(
    json.result.notes.some((note) => /^Went on with --force, although 400 puts/.test(note)),
  );
  const { requests, errors } = onlyOperation(json.result);
  assert.ok(requests.succeeded > 0 && requests.failed > 0, JSON.stringify(requests));
  const full = errors.find(({ message }) => /database space exceeded/.test(message));
  assert.is(full?.code, "RESOURCE_EXHAUSTED", JSON.stringify(errors));
  const refused = await bench(["put", ...flags.slice(0, 1), "--total=1"]);
  assert.is(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /^bench: etcd takes no writes, as .* reports the alarm NOSPACE: /m);
  const read = await bench(["range", "k", ...flags.slice(0, 1), "--total=1"]);
  assert.is(read.code, 0, read.stderr);
  const table = await bench(["put", ...flags, "--force"]);
  assert.is(table.code, 1);
  assert.match(table.stdout, /NOSPACE alarm.*etcdctl compact, defrag, alarm disarm/);
});

test.run();
