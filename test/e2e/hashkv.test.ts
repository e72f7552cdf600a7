/** Drives `--check-hashkv` of the built bench against three real members, of both versions. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkMembers } from "../../src/run/hash-check.ts";
import { ControlClient } from "../../src/target/control-client.ts";
import type { TargetInfo } from "../../src/target/inspect.ts";
import { type LocalCluster, startLocalCluster } from "../../src/target/local-cluster.ts";
import { bench, measure } from "../bench-process.ts";
import { etcdctl } from "../leases.ts";
import { etcdForTests, olderEtcdForTests } from "../real-etcd.ts";

for (const [version, binary] of [
  ["etcd", etcdForTests],
  ["etcd 3.4", olderEtcdForTests],
] as const) {
  const test = suite<{ cluster: LocalCluster }>(`--check-hashkv on ${version}`);

  test.before(async (context) => {
    context.cluster = await startLocalCluster({ binary: await binary(), members: 3 });
  });
  test.after(({ cluster }) => cluster.stop());

  test("all members hold the same behind a run with compactions, as etcdctl sees it too", async ({
    cluster,
  }) => {
    const { code, result, stderr } = await measure([
      ...["put", `--endpoints=${cluster.endpoints[0]}`, "--check-hashkv", "--clients=10"],
      ...["--rate=200", "--duration=1s", "--key-space-size=50", "--cleanup"],
      ...["--compact-interval=300ms", "--compact-index-delta=10"],
    ]);
    assert.is(code, 0, stderr);
    const { revision, isEqual, members } = result.hashKv!;
    assert.is(isEqual, true, JSON.stringify(result.hashKv));
    assert.is(new Set(members.map(({ endpoint }) => endpoint)).size, 3);
    assert.is(new Set(members.map(({ hash }) => hash)).size, 1);
    for (const { name, endpoint, hash, compactRevision } of members) {
      assert.ok(compactRevision! > 0, name);
      const told = await etcdctl(endpoint, "endpoint", "hashkv", `--rev=${revision}`);
      if (told !== null) assert.is(told.trim(), `${endpoint}, ${hash}`);
    }
  });

  test("members that are compacted to their newest revision are compared at that one", async ({
    cluster,
  }) => {
    const { endpoints } = cluster;
    const client = new ControlClient(endpoints);
    const { revision } = await client.put({ key: Buffer.from("a"), value: Buffer.from("b") });
    await client.compact({ revision });
    client.close();
    const members = endpoints.map((endpoint) => ({ name: endpoint, endpoint, isLearner: false }));
    const target = { endpoints, members } as unknown as TargetInfo;
    const found = await checkMembers({ target }, undefined);
    assert.equal([found.revision, found.isEqual], [revision, true], JSON.stringify(found));
    // 3.5 answers with the hash that it took while it compacted, from one compaction to the next.
    assert.is(new Set(found.members.map(({ compactRevision }) => compactRevision)).size, 1);
  });

  test("a member that is gone leaves it open whether it is equal, and the run has failed", async ({
    cluster,
  }) => {
    await cluster.kill(2);
    const { code, stdout, stderr } = await bench([
      ...["put", `--endpoints=${cluster.endpoints.slice(0, 2).join(",")}`, "--check-hashkv"],
      ...["--total=5", "--max-error-rate=1"],
    ]);
    assert.is(code, 1, stderr);
    assert.match(
      stdout,
      /^HashKV: FAILED \(the members could not be compared by HashKV: \S+: UNAVAILABLE: /m,
    );
    assert.match(stdout, /^Verdict: errors: the members could not be compared/m);
  });

  test.run();
}
