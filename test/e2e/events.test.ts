/** Compacts and defragments a real etcd under load, in both versions, with kills and elections. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ControlClient } from "../../src/etcd/control-client.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { EtcdEvent, RunResult } from "../../src/result/schema.ts";
import { leaderIndex } from "../etcd/cluster-leader.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { memberMetric } from "../etcd/member-metric.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, measure, measuredBy } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

const COMPACTIONS = "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds_count";
const DEFRAGMENTATIONS = "etcd_disk_backend_defrag_duration_seconds_count";

function ofKind({ moments }: RunResult, kind: string): EtcdEvent[] {
  return moments.filter((each) => each.kind === kind);
}

/** The two groups of each operation add up to the total. */
function assertSidesAddUp({ operations }: RunResult): void {
  for (const { moments, serviceTime, requests } of operations) {
    const { during, outside } = moments!;
    assert.is(during.serviceTime.count + outside.serviceTime.count, serviceTime.count);
    assert.is(during.failed + outside.failed, requests.failed);
  }
}

onEachEtcd("events", {}, (test, etcd) => {
  test("put compacts all but the newest revisions, and etcd has deleted the others", async () => {
    const { endpoint } = etcd;
    const { code, result, stderr } = await measure([
      ...[
        "put",
        `--endpoints=${endpoint}`,
        "--rate=100",
        `--duration=${patient(3)}s`,
        "--clients=20",
      ],
      ...["--compact-interval=600ms", "--compact-index-delta=20", "--defrag-at=1s,2s"],
    ]);
    assert.is(code, 0, stderr);
    const worked = ofKind(result, "compaction").filter(({ error }) => error === null);
    assert.ok(worked.length > 0, JSON.stringify(result.moments));
    const revisions = worked.map(({ revision }) => revision!);
    assert.equal(
      revisions,
      [...revisions].sort((a, b) => a - b),
    );
    const defragmented = ofKind(result, "defragmentation");
    assert.equal(
      defragmented.map(({ member, error }) => [member, error]),
      Array.from({ length: 2 }, () => [result.target.members[0]!.name, null]),
    );
    for (const { durationSeconds } of [...worked, ...defragmented]) assert.ok(durationSeconds! > 0);
    assertSidesAddUp(result);
    assert.ok(result.operations[0]!.moments!.during.serviceTime.count > 0);

    const client = new ControlClient([endpoint], { timeoutMs: patient(30_000) });
    try {
      // Revisions before the last compaction are gone; later ones are readable.
      const key = { key: Buffer.from("a") };
      const last = revisions.at(-1)!;
      await client.range({ ...key, revision: last });
      const older = client.range({ ...key, revision: last - 1 });
      assert.match(await older.then(() => "is there", String), /compacted/);
    } finally {
      client.close();
    }
  });

  test("the run ends when etcd is killed, and each event states its outcome", async () => {
    const { endpoint } = etcd;
    const before = (await readStored(endpoint)).revision;
    const compactions = () => memberMetric(endpoint, COMPACTIONS);
    const compactedBefore = await compactions();
    const run = new BenchProcess([
      ...["compact", `--endpoints=${endpoint}`, "--foreground=put", "--rate=200"],
      ...[`--duration=${patient(4)}s`, "--timeout=1s", "--val-size=100"],
      ...["--compact-interval=300ms", "--compact-index-delta=0"],
      ...[`--defrag-at=${patient(3_500)}ms`, "--output=json"],
    ]);
    await run.until("some puts", async () => (await readStored(endpoint)).revision > before + 100);
    // Of two compactions that etcd did, the first was answered.
    await run.until("two compactions", async () => (await compactions()) >= compactedBefore + 2);
    await etcd.cluster.kill("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    const { requests } = result.operations[0]!;
    assert.ok(requests.succeeded > 0 && requests.failed > 0, JSON.stringify(requests));
    const compacted = ofKind(result, "compaction");
    assert.ok(
      compacted.some(({ error }) => error === null),
      JSON.stringify(compacted),
    );
    assert.match(compacted.at(-1)!.error!, /^(UNAVAILABLE|DEADLINE_EXCEEDED): /);
    assert.match(ofKind(result, "defragmentation")[0]!.error!, /^UNAVAILABLE: /);
    assertSidesAddUp(result);
    await etcd.cluster.restart("etcd1");
  });
});

const test = suite<{ cluster: LocalCluster }>("events of three members");

before(test, async (context) => {
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
});
test.after(({ cluster }) => cluster.down());

test("defrag processes the members one by one, the leader last, and is shown", async ({
  cluster,
}) => {
  const defragmentations = async () => {
    const each = cluster.endpoints.map((endpoint) => memberMetric(endpoint, DEFRAGMENTATIONS));
    return (await Promise.all(each)).reduce((sum, count) => sum + count, 0);
  };
  const before = await defragmentations();
  const run = new BenchProcess([
    ...["defrag", `--endpoints=${cluster.endpoints.join(",")}`, "--duration=10m"],
    ...[
      "--rate=100",
      "--clients=20",
      "--key-space-size=100",
      "--defrag-at=500ms,600ms",
      "--sample",
    ],
  ]);
  // Of four defragmentations that etcd did, the first three were answered.
  await run.until("the second round", async () => (await defragmentations()) >= before + 4);
  run.signal("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.is(code, 130, stderr);
  const leader = /, leader (\S+),/.exec(stdout)![1]!;
  const listed = [...stdout.matchAll(/^[\d.]+ s +defragmentation of (\S+) +[\d.]+ \S?s( +-)?$/gm)];
  const members = listed.map(([, member]) => member!).slice(0, 3);
  assert.is(new Set(members).size, 3, stdout);
  assert.is(members.at(-1), leader);
  assert.match(stdout, /^mixed +during +\d+/m);
  assert.match(stdout, /^mixed-range +outside +\d+/m);
  assert.match(stdout, /AVG-THROUGHPUT,EVENTS\n(.*\n)*.*,defragmentation of /);
});

test("an unknown member is refused before the first request", async ({ cluster }) => {
  const flags = [`--endpoints=${cluster.endpoints[0]}`, "--defrag-at=1s", "--defrag-member=m9"];
  const { code, stderr } = await bench(["put", ...flags]);
  assert.is(code, 2);
  assert.match(stderr, /^bench: --defrag-member: "m9" is no member of the cluster; give one of/m);
});

test("the end of a leader is an event, as the other members saw it", async ({ cluster }) => {
  const leader = await leaderIndex(cluster);
  const others = cluster.endpoints.filter((_, index) => index !== leader);
  const { revision: before } = await readStored(others[0]!);
  const run = new BenchProcess([
    ...[
      "put",
      `--endpoints=${others.join(",")}`,
      "--rate=50",
      `--duration=${patient(7)}s`,
      "--clients=50",
    ],
    ...["--timeout=5s", "--max-error-rate=1", "--output=json"],
  ]);
  await run.until("a second's puts", async () => {
    return (await readStored(others[0]!)).revision > before + 50;
  });
  await cluster.kill(cluster.members[leader]!.name);
  const { result } = measuredBy(await run.ended);
  const changes = ofKind(result, "leader-change");
  assert.ok(changes.length > 0, JSON.stringify([result.server, result.notes]));
  for (const { startSeconds, member, durationSeconds } of changes) {
    assert.ok(startSeconds > 0 && durationSeconds === null);
    assert.ok(result.server.some((each) => each.member === member && each.leaderChanges! > 0));
  }
  assert.is(result.operations[0]!.moments, null);
  await cluster.restart(cluster.members[leader]!.name);
});

test.run();
