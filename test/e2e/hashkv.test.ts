/** Runs `--check-hashkv` on three real members, with both etcd versions. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ControlClient } from "../../src/etcd/control-client.ts";
import type { TargetInfo } from "../../src/etcd/inspect.ts";
import type { LocalCluster } from "../../src/etcd/local-cluster.ts";
import { checkMembers } from "../../src/run/hash-check.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { etcdctl } from "../etcd/leases.ts";
import { bench, measure } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

const MARK = Buffer.from("written through the front door, and replicated");
const FORGED = Buffer.from("Written through the front door, and replicated");

/** Timeout of one call; only a hang reaches it. */
const CALL_MS = patient(30_000);

function databaseOf({ members }: LocalCluster, index: number): string {
  return join(members[index]!.dataDir, "member", "snap", "db");
}

/** Replaces all occurrences in the file; both texts have the same length. */
async function exchangeInDatabase(file: string, old: Buffer, replacement: Buffer): Promise<void> {
  const bytes = await readFile(file);
  let at = bytes.indexOf(old);
  assert.ok(at >= 0, "it is in the file");
  for (; at >= 0; at = bytes.indexOf(old, at)) replacement.copy(bytes, at);
  await writeFile(file, bytes);
}

onEachEtcd("--check-hashkv", { members: 3 }, (test, etcd) => {
  test("all members have the same hash after a run with compactions, and etcdctl prints the same", async () => {
    const { code, result, stderr } = await measure([
      ...["put", `--endpoints=${etcd.endpoint}`, "--check-hashkv", "--clients=10"],
      ...["--rate=200", `--duration=${patient(2)}s`, "--key-space-size=50", "--cleanup"],
      ...["--compact-interval=300ms", "--compact-index-delta=10"],
    ]);
    assert.is(code, 0, stderr);
    const { revision, isEqual, members } = result.hashKv!;
    assert.is(isEqual, true, JSON.stringify(result.hashKv));
    assert.is(new Set(members.map(({ endpoint }) => endpoint)).size, 3);
    assert.is(new Set(members.map(({ hash }) => hash)).size, 1);
    for (const { name, endpoint, hash, compactRevision } of members) {
      assert.ok(compactRevision! > 0, name);
      const printed = await etcdctl(endpoint, "endpoint", "hashkv", `--rev=${revision}`);
      if (printed !== null) assert.is(printed.trim(), `${endpoint}, ${hash}`);
    }
  });

  test("members that are compacted to their newest revision are compared at that revision", async () => {
    const { endpoints } = etcd.cluster;
    const client = new ControlClient(endpoints, { timeoutMs: CALL_MS });
    const { revision } = await client.put({ key: Buffer.from("a"), value: Buffer.from("b") });
    await client.compact({ revision });
    client.close();
    const members = endpoints.map((endpoint) => ({ name: endpoint, endpoint, isLearner: false }));
    const target = { endpoints, members } as unknown as TargetInfo;
    const found = await checkMembers({ target }, undefined);
    assert.equal([found.revision, found.isEqual], [revision, true], JSON.stringify(found));
    // After a compaction, 3.5 returns the hash that it calculated during the compaction.
    assert.is(new Set(found.members.map(({ compactRevision }) => compactRevision)).size, 1);
  });

  test("a member with a changed database file differs, and the run has failed", async () => {
    const [first, second] = etcd.cluster.endpoints;
    const client = new ControlClient([second!], { timeoutMs: CALL_MS });
    await client.put({ key: Buffer.from("marked"), value: MARK });
    // A member writes its buffer to disk before it calculates its hash.
    await client.hash(second);
    client.close();
    await etcd.cluster.kill("etcd2");
    await exchangeInDatabase(databaseOf(etcd.cluster, 1), MARK, FORGED);
    await etcd.cluster.restart("etcd2");
    const { code, stdout, stderr } = await bench([
      ...["put", `--endpoints=${first}`, "--check-hashkv", "--total=5"],
    ]);
    assert.is(code, 1, stderr);
    assert.match(
      stdout,
      /^HashKV: FAILED \(the members differ at revision \d+: HashKV is \d+ of \w+( and \w+)?, \d+ of \w+/m,
    );
    assert.match(stdout, /^Verdict: errors: the members differ/m);
  });

  test("with an unreachable member the comparison has no answer, and the run has failed", async () => {
    await etcd.cluster.kill("etcd3");
    const { code, stdout, stderr } = await bench([
      ...["put", `--endpoints=${etcd.cluster.endpoints.slice(0, 2).join(",")}`, "--check-hashkv"],
      ...["--total=5", "--max-error-rate=1"],
    ]);
    assert.is(code, 1, stderr);
    assert.match(
      stdout,
      /^HashKV: FAILED \(the members could not be compared by HashKV: \S+: UNAVAILABLE: /m,
    );
    assert.match(stdout, /^Verdict: errors: the members could not be compared/m);
  });
});
