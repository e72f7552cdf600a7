/** Runs the command lines of upstream's README, and checks what they leave in etcd. */
import * as assert from "uvu/assert";
import type { RunResult } from "../../src/result/schema.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { leaseCounts, listLeases } from "../etcd/leases.ts";
import { memberMetric } from "../etcd/member-metric.ts";
import { countByEtcdctl, readStored, type Stored, store } from "../etcd/stored-keys.ts";
import { BenchProcess, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

/** The changes that a line makes in an etcd without keys. */
interface State {
  revisions: number;
  keys: number;
  keyBytes: number;
  valueBytes: number;
  /** A null means that the number of renewals depends on time, as for a lock's session. */
  leases?: { granted: number; renewed: number | null; revoked: number };
}

interface Line {
  /** `$E` is the endpoint. */
  line: string;
  leaves: State | ((result: RunResult) => State);
  /** What upstream leaves instead, according to docs/etcd-benchmark.md. */
  differs?: string;
}

const NOTHING: State = { revisions: 0, keys: 0, keyBytes: 0, valueBytes: 0 };

function succeeded({ operations }: RunResult, name: string): number {
  return operations.find((each) => each.name === name)!.requests.succeeded;
}

const LINES: readonly Line[] = [
  {
    line: "put --endpoints=$E --total=60",
    leaves: { revisions: 60, keys: 1, keyBytes: 8, valueBytes: 8 },
  },
  {
    line: "--endpoints=$E --target-leader --conns=1 --clients=1 put --key-size=8 --sequential-keys --total=60 --val-size=256",
    leaves: { revisions: 60, keys: 60, keyBytes: 8, valueBytes: 256 },
    differs: "one key: its key space has that size by default, whatever the order",
  },
  {
    line: "--endpoints=$E --conns=10 --clients=20 put --key-size=8 --sequential-keys --key-space-size=30 --total=60 --val-size=256",
    leaves: { revisions: 60, keys: 30, keyBytes: 8, valueBytes: 256 },
  },
  {
    line: "put --total=90 --clients=20 --conns=10 --rate=150 --compact-interval=200ms --compact-index-delta=10 --check-hashkv --endpoints $E",
    leaves: { revisions: 90, keys: 1, keyBytes: 8, valueBytes: 8 },
  },
  {
    line: "--endpoints=$E --conns=1 --clients=1 range YOUR_KEY --consistency=l --total=60",
    leaves: NOTHING,
  },
  { line: "range foo --total=60 --consistency=s --limit=100 --endpoints=$E", leaves: NOTHING },
  { line: "range mykey myend --total=60 --endpoints=$E", leaves: NOTHING },
  {
    line: "txn-put --key-space-size=20 --txn-ops=4 --total=60 --endpoints=$E",
    leaves: { revisions: 60, keys: 20, keyBytes: 8, valueBytes: 8 },
  },
  {
    line: 'txn-mixed "" --conns=4 --clients=4 --total=60 --endpoints http://$E --rw-ratio 0.5 --limit 10 --val-size 256',
    leaves: (result) => ({
      revisions: succeeded(result, "txn-mixed-write"),
      keys: 1,
      keyBytes: 8,
      valueBytes: 256,
    }),
  },
  {
    line: "stm --keys=9 --keys-per-txn=4 --txn-wr-percent=50 --isolation=ss --clients=4 --total=60 --endpoints=$E",
    leaves: { revisions: 60, keys: 9, keyBytes: 14, valueBytes: 8 },
    differs: "keys of 16 bytes without a prefix",
  },
  {
    line: "stm --txn-wr-percent=100 --stm-locker=lock-client --clients=3 --total=30 --endpoints=$E",
    leaves: { ...stmUnderLock(30), leases: { granted: 3, renewed: null, revoked: 3 } },
    differs: "a key of 16 bytes",
  },
  {
    line: "stm --txn-wr-percent=100 --stm-locker=lock-rpc --clients=3 --total=30 --endpoints=$E",
    leaves: { ...stmUnderLock(30), leases: { granted: 3, renewed: null, revoked: 3 } },
    differs: "a key of 16 bytes",
  },
  {
    line: "--conns=2 --clients=5 lease-keepalive --total=60 --endpoints=$E",
    leaves: { ...NOTHING, leases: { granted: 5, renewed: 60, revoked: 5 } },
    differs: "its five leases, for 100 s",
  },
  {
    line: "watch --streams=4 --watch-per-stream=5 --watched-key-total=3 --key-space-size=9 --sequential-keys --put-total=30 --endpoints=$E",
    leaves: { revisions: 30, keys: 3, keyBytes: 32, valueBytes: 8 },
    differs: "values of 4 bytes, by which no event is known again",
  },
  {
    line: "watch-get --watchers=40 --streams=2 --events=4 --endpoints=$E",
    leaves: { revisions: 4, keys: 1, keyBytes: 8, valueBytes: 8 },
    differs: "a digit as the value of the key watchkey, as long as ours",
  },
  {
    line: "watch-latency --streams=2 --watchers-per-stream=3 --prevkv --put-total=30 --put-rate=300 --endpoints=$E",
    leaves: { revisions: 30, keys: 1, keyBytes: 32, valueBytes: 32 },
  },
];

/** Each lock is a key that is created and deleted: two revisions more than the transaction. */
function stmUnderLock(total: number): State {
  return { revisions: 3 * total, keys: 1, keyBytes: 14, valueBytes: 8 };
}

/** Splits a line like a shell. */
function wordsOf(line: string, endpoint: string): string[] {
  return line.split(" ").map((word) => (word === '""' ? "" : word.replace("$E", endpoint)));
}

function sizes(keys: Stored["keys"], of: "key" | "value"): number[] {
  return [...new Set(keys.map((each) => each[of].length))];
}

onEachEtcd("upstream's lines", { isCleared: true }, (test, etcd) => {
  const watchers = () => memberMetric(etcd.endpoint, "etcd_debugging_mvcc_watcher_total");

  for (const { line, leaves, differs } of LINES) {
    test(`${line}${differs === undefined ? "" : ` (upstream leaves ${differs})`}`, async () => {
      const before = await readStored(etcd.endpoint);
      const leasesBefore = await leaseCounts(etcd.endpoint);
      const { code, result, stderr } = await measure(wordsOf(line, etcd.endpoint));
      assert.is(code, 0, stderr);
      const after = await readStored(etcd.endpoint);
      const expected = typeof leaves === "function" ? leaves(result) : leaves;
      assert.is(after.revision - before.revision, expected.revisions);
      assert.is(after.keys.length, expected.keys);
      const counted = await countByEtcdctl(etcd.endpoint);
      if (counted !== null) assert.is(counted, expected.keys);
      if (expected.keys > 0) {
        assert.equal(sizes(after.keys, "key"), [expected.keyBytes]);
        assert.equal(sizes(after.keys, "value"), [expected.valueBytes]);
      }
      const leases = expected.leases ?? { granted: 0, renewed: 0, revoked: 0 };
      const leasesAfter = await leaseCounts(etcd.endpoint);
      for (const what of ["granted", "renewed", "revoked"] as const) {
        if (leases[what] === null) continue;
        assert.is(leasesAfter[what] - leasesBefore[what], leases[what], `leases ${what}`);
      }
      const left = await listLeases(etcd.endpoint);
      if (left !== null) assert.equal(left, []);
      await until("no watcher is left", async () => (await watchers()) === 0);
      const { checkHashKv } = result.plan.judge;
      if (checkHashKv) assert.ok(result.hashKv!.members[0]!.compactRevision! > before.revision);
    });
  }

  test("stm with upstream's defaults: half of the transactions write; upstream's write nothing", async () => {
    const before = await readStored(etcd.endpoint);
    const { code, result, stderr } = await measure([
      "stm",
      `--endpoints=${etcd.endpoint}`,
      "--total=60",
    ]);
    assert.is(code, 0, stderr);
    const { increments } = result.operations[0]!.counters;
    assert.ok(increments! > 10 && increments! < 50, `${increments}`);
    assert.is((await readStored(etcd.endpoint)).revision - before.revision, increments);
  });

  test("txn-mixed with an empty key reads all existing keys, even those of other writers", async () => {
    for (const key of ["a", "b", "\u{10ffff}"]) await store(etcd.endpoint, key, "theirs");
    const line = 'txn-mixed "" --total=20 --endpoints=$E --rw-ratio=1e9 --limit=1000';
    const { code, result, stderr } = await measure(wordsOf(line, etcd.endpoint));
    assert.is(code, 0, stderr);
    assert.ok(result.notes.some((note) => note.includes("held 3 keys before the run")));
  });

  test("by default watch has upstream's number of watchers during its puts, and none after it", async () => {
    const streams = () => memberMetric(etcd.endpoint, "etcd_debugging_mvcc_watch_stream_total");
    const before = await readStored(etcd.endpoint);
    const puts = patient(30);
    const line = `watch --endpoints=$E --put-rate=20 --put-total=${puts} --output=json`;
    const run = new BenchProcess(wordsOf(line, etcd.endpoint));
    await run.until("1000 watchers on 10 streams", async () => {
      return (await watchers()) === 1_000 && (await streams()) === 10;
    });
    const { code, stderr } = measuredBy(await run.ended);
    assert.is(code, 0, stderr);
    await until("watchers and streams are gone", async () => {
      return (await watchers()) === 0 && (await streams()) === 0;
    });
    const after = await readStored(etcd.endpoint);
    assert.equal([after.revision - before.revision, after.keys.length], [puts, 1]);
  });
});
