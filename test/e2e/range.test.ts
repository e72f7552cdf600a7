/** Runs `bench range` on a real etcd: one member, and three with a leader. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { leaderIndex } from "../etcd/cluster-leader.ts";
import { handledByMember } from "../etcd/handled-requests.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { deleteStored, readStored, store } from "../etcd/stored-keys.ts";
import { bench, type Measured, measure, onlyOperation } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { drawn } from "../harness/whole-run.ts";

/** The default, which unit/plan/from-flags checks daily. */
const DEFAULT_TOTAL = 10_000;

let cluster: LocalCluster;

function range(...args: string[]): Promise<Measured> {
  return measure(["range", `--endpoints=${cluster.endpoints.join(",")}`, ...args]);
}

async function rangeAll(total: number, ...args: string[]): Promise<Measured> {
  const measured = await range(`--total=${total}`, ...args);
  assert.is(measured.code, 0, measured.stderr);
  for (const { requests } of measured.result.operations) {
    assert.equal([requests.offered, requests.succeeded], [total, total]);
  }
  return measured;
}

const onOne = suite("range, one member");

before(onOne, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});
onOne.after(() => cluster?.down());
onOne.before.each(() => deleteStored(cluster.endpoints[0]!));

onOne("without a key, one key is put and read, with the given sizes", async () => {
  for (const [sizes, keyBytes, valueBytes] of [
    [[], 8, 8],
    [["--key-size=40", "--val-size=1KiB"], 40, 1024],
    [["--key-size=3", "--val-size=0"], 3, 0],
  ] as const) {
    await deleteStored(cluster.endpoints[0]!);
    const before = await readStored(cluster.endpoints[0]!);
    const { result } = await rangeAll(50, ...sizes, "--conns=2", "--clients=3");
    assert.is(onlyOperation(result).name, "range-linearizable");
    const { keys, revision } = await readStored(cluster.endpoints[0]!);
    assert.is(revision, before.revision + 1, "a range writes nothing but its own key");
    assert.is(keys.length, 1);
    const { key, value } = keys[0]!;
    assert.equal([key.length, value.length], [keyBytes, valueBytes]);
    const notes = result.notes.filter((note) => note.includes("which this run has put"));
    assert.is(notes.length, 1);
    assert.ok(notes[0]!.includes(key.toString("latin1")), notes[0]);
  }
});

onOne("with a key space, the keys are put first, and both kinds of read find them", async () => {
  const { result } = await rangeAll(
    300,
    ...["--key-space-size=40", "--val-size=100", "--popularity=zipfian", "--consistency=l,s"],
    ...["--warmup=50", "--clients=4", "--conns=2", "--workers=2"],
  );
  const { keys } = await readStored(cluster.endpoints[0]!);
  assert.equal(
    keys.map(({ key, value, version }) => [key.readUInt32BE(4), value.length, version]),
    Array.from({ length: 40 }, (_, index) => [index, 100, 1]),
  );
  for (const { name, counters, received } of result.operations) {
    assert.equal([counters, received?.keys], [{ found: 300 }, 300], name);
  }
  const place = (pattern: RegExp) => result.notes.findIndex((note) => pattern.test(note));
  const filled = place(/^Before the clock started, 40 puts/);
  assert.ok(filled >= 0 && filled < place(/requests of --warmup/), result.notes.join("\n"));
});

onOne(
  "--limit limits a range from a random key, and --prefix reads all keys in pages",
  async () => {
    const space = ["--key-space-size=40", "--key-size=4"];
    const scans = await rangeAll(100, ...space, "--limit=3", "--popularity=latest");
    const { received } = onlyOperation(scans.result);
    // The newest keys have fewer than three keys after them.
    assert.ok(received!.keys > 100 && received!.keys < 290, `${received!.keys} keys`);
    const paged = ["--paginate", "--limit=15", "--total=20", "--cleanup"];
    const all = await range("p/", "--prefix", ...space, ...paged);
    assert.equal(
      all.result.operations.map((each) => [each.received?.keys, each.requests.succeeded]),
      [
        [800, 20],
        [800, 60],
      ],
    );
    const left = (await readStored(cluster.endpoints[0]!)).keys.map(({ key }) =>
      key.readUInt32BE(),
    );
    assert.equal(
      left,
      Array.from({ length: 40 }, (_, index) => index),
      "the keys under p/ alone are deleted",
    );
  },
);

onOne("without flags one client sends linearizable ranges", async () => {
  const total = drawn({ daily: 300, whole: DEFAULT_TOTAL });
  const { code, result } = await range(...(total === DEFAULT_TOTAL ? [] : [`--total=${total}`]));
  assert.is(code, 0);
  assert.is(onlyOperation(result).name, "range-linearizable");
  assert.is(onlyOperation(result).requests.succeeded, total);
  assert.is(result.client.clients, 1);
});

onOne("a key and an end read the keys between them, and write nothing", async () => {
  for (const key of ["a", "b", "c", "d"]) await store(cluster.endpoints[0]!, key, "value");
  const before = await readStored(cluster.endpoints[0]!);
  const named = await rangeAll(300, "b");
  assert.not.ok(named.result.notes.some((note) => /empty|keys/.test(note)));
  const { result } = await rangeAll(300, "b", "d");
  assert.ok(result.notes.includes("The range holds 2 keys."), result.notes.join("\n"));
  assert.equal(await readStored(cluster.endpoints[0]!), before);
});

onOne("large answers arrive complete, over all flow-control windows", async () => {
  for (const key of ["a", "b", "c"]) {
    await store(cluster.endpoints[0]!, key, "v".repeat(1_000_000));
  }
  await rangeAll(30, "a", "z", "--conns=2", "--clients=6", "--timeout=60s");
});

onOne("an absent key and an empty range measure empty answers, with a note", async () => {
  await store(cluster.endpoints[0]!, "z", "value");
  const absent = await rangeAll(200, "absent");
  assert.ok(
    absent.result.notes.includes("The key does not exist: this measures empty answers."),
    absent.result.notes.join("\n"),
  );
  const empty = await rangeAll(200, "a", "c");
  assert.ok(
    empty.result.notes.includes("No key is in the range: this measures empty answers."),
    empty.result.notes.join("\n"),
  );
  const printed = await bench([
    "range",
    "absent",
    `--endpoints=${cluster.endpoints[0]}`,
    "--total=50",
  ]);
  assert.match(printed.stdout, /does not exist: this measures empty answers/);
});

onOne("l,s measures both kinds with equal counts, interleaved, in one table", async () => {
  const flags = ["--consistency=l,s", "--conns=2", "--clients=4", "--workers=2"];
  const { result } = await rangeAll(501, ...flags);
  assert.equal(
    result.operations.map(({ name }) => name),
    ["range-linearizable", "range-serializable"],
  );
  const spans = result.operations.map(({ intervals }) => ({
    first: intervals[0]!.startSeconds,
    last: intervals.at(-1)!.startSeconds,
  }));
  assert.ok(spans[0]!.first < spans[1]!.last && spans[1]!.first < spans[0]!.last, "interleaved");
  const { code, stdout } = await bench([
    "range",
    `--endpoints=${cluster.endpoints[0]}`,
    "--total=200",
    "--consistency=linearizable,serializable",
  ]);
  assert.is(code, 0);
  assert.is(stdout.split(/^Latency$/m).length, 2, "one table of latencies");
  for (const word of ["linearizable", "serializable"]) assert.match(stdout, word);
});

onOne.run();

const onThree = suite("range, three members");

before(onThree, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
});
onThree.after(() => cluster?.down());

/** Number of ranges that each member answers in a run of 300 with these flags. */
async function answered(...flags: string[]): Promise<number[]> {
  const before = await handledByMember(cluster.endpoints, "Range");
  // One connection to each member, so the shares are equal.
  await rangeAll(300, "key", "--conns=3", "--clients=3", "--consistency=s", ...flags);
  const after = await handledByMember(cluster.endpoints, "Range");
  return after.map((count, member) => count - before[member]!);
}

onThree("each endpoint gets its share, and with --target-leader the leader gets all", async () => {
  // The warm-up and the first look at the target add more.
  for (const count of await answered()) assert.ok(count >= 100, `${count} ranges`);

  const leader = cluster.endpoints[await leaderIndex(cluster)]!;
  const counts = await answered("--target-leader");
  for (const [member, endpoint] of cluster.endpoints.entries()) {
    if (endpoint === leader) assert.ok(counts[member]! >= 300, `leader: ${counts[member]}`);
    else assert.ok(counts[member]! < 100, `follower: ${counts[member]}`);
  }
  const { result } = await rangeAll(10, "key", "--target-leader");
  assert.equal(result.target.endpoints, [leader]);
  assert.is(result.target.members.length, 3);
});

onThree(
  "a single follower answers both kinds of read, also for a key that the run put",
  async () => {
    const { result } = await rangeAll(100, "--consistency=l,s");
    assert.is(result.server.length, 3);
    for (const { member, rssMaxBytes } of result.server) assert.ok(rssMaxBytes! > 0, member);
    for (const endpoint of cluster.endpoints) {
      const flags = [`--endpoints=${endpoint}`, "--total=30", "--consistency=l,s"];
      const { code, stderr } = await measure(["range", ...flags]);
      assert.is(code, 0, stderr);
    }
  },
);

onThree.run();
