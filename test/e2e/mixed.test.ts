/** Runs `bench mixed` on a real etcd of both versions, and checks its series and etcd's keys. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { OperationResult } from "../../src/result/schema.ts";
import { ETCD_VERSIONS, onEachEtcd } from "../etcd/each-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import {
  BenchProcess,
  bench,
  type Measured,
  measure,
  measuredBy,
} from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

const SHAPE = ["--conns=3", "--clients=7", "--workers=2"];

/** Counts by name without `mixed-`; the counts of all kinds add up to the total. */
function seriesOf({ result }: Measured): Map<string, OperationResult> {
  const [whole, ...kinds] = result.operations;
  assert.is(whole!.name, "mixed");
  for (const count of ["started", "succeeded", "failed"] as const) {
    const sum = kinds.reduce((total, { requests }) => total + requests[count], 0);
    assert.is(sum, whole!.requests[count], count);
  }
  return new Map(kinds.map((each) => [each.name.replace(/^mixed-/, ""), each]));
}

onEachEtcd("mixed", { isCleared: true }, (test, etcd) => {
  async function mixed(...args: string[]): Promise<Measured> {
    const measured = await measure(["mixed", `--endpoints=${etcd.endpoint}`, ...args]);
    assert.is(measured.code, 0, measured.stderr);
    return measured;
  }

  for (const transport of ["wire", "grpc-js"]) {
    test(`over ${transport} requests follow the weights, and etcd has one revision for each write`, async () => {
      const before = await readStored(etcd.endpoint);
      const measured = await mixed(
        "--mix=put=20,range=70,delete=10",
        ...["--total=500", "--key-space-size=100", `--transport=${transport}`, ...SHAPE],
      );
      const series = seriesOf(measured);
      assert.equal([...series.keys()], ["put", "range", "delete"]);
      assert.is(measured.result.operations[0]!.requests.succeeded, 500);
      const counts = [...series.values()].map(({ requests }) => requests.succeeded);
      for (const [kind, expected] of [100, 350, 50].entries()) {
        // More than five standard deviations of the widest count; the seed is fixed.
        assert.ok(Math.abs(counts[kind]! - expected) < 52, `${counts}`);
      }
      const deleted = series.get("delete")!.counters.deleted!;
      const found = series.get("range")!.counters.found!;
      assert.ok(deleted > 0 && deleted <= counts[2]!, `${deleted} deleted`);
      assert.ok(found > 0 && found <= counts[1]!, `${found} found`);
      const after = await readStored(etcd.endpoint);
      assert.is(after.revision - before.revision, 100 + counts[0]! + deleted);
    });
  }

  test("latest reads find inserted keys, scans read many keys, and the parts have separate times", async () => {
    const mix = "insert=2,range=4,scan=1,rmw=2,lease-grant=1";
    const { result } = await mixed(
      ...[`--mix=${mix}`, "--popularity=latest", "--key-space-size=100", "--scan-length=20"],
      ...["--total=300", "--warmup=100", ...SHAPE],
    );
    const of = new Map(result.operations.map((each) => [each.name.replace(/^mixed-/, ""), each]));
    const succeeded = (name: string) => of.get(name)!.requests.succeeded;
    const kinds = ["insert", "range", "scan", "rmw", "lease-grant"];
    assert.is(
      kinds.reduce((sum, name) => sum + succeeded(name), 0),
      300,
    );
    assert.is(of.get("range")!.counters.found, succeeded("range"));
    assert.is(of.get("rmw")!.counters.found, succeeded("rmw"));
    for (const part of ["rmw-range", "rmw-put"]) assert.is(succeeded(part), succeeded("rmw"), part);
    assert.is(succeeded("lease-grant-revoke"), succeeded("lease-grant"));
    assert.ok(of.get("scan")!.received!.keys > succeeded("scan"));
    const { keys } = await readStored(etcd.endpoint);
    const inserted = keys.filter(({ key }) => key.readUInt32BE(4) >= 100);
    assert.is(keys.length, 100 + inserted.length, "the keys of the leases are gone");
    // The keys of the warm-up come first, and none was put twice.
    assert.ok(inserted.length > succeeded("insert"), `${inserted.length} inserted`);
    for (const { version } of inserted) assert.is(version, 1);
  });

  test("the warm-up of a mix is in no figure, and all keys exist when the clock starts", async () => {
    const reads = await mixed("--mix=ycsb-c", "--total=300", "--warmup=50", "--key-space-size=40");
    const range = seriesOf(reads).get("range")!;
    assert.is(range.requests.succeeded, 300);
    assert.equal(range.counters, { found: 300 });
    const { keys } = await readStored(etcd.endpoint);
    assert.equal(new Set(keys.map((each) => each.version)), new Set([1]));
    assert.is(keys.length, 40);
  });

  test("each transaction puts --txn-ops keys", async () => {
    const args = ["--mix=txn-put=1,range=1", "--txn-ops=4", "--total=400", "--consistency=s"];
    const series = seriesOf(await mixed(...args, "--key-space-size=64", ...SHAPE));
    const { keys } = await readStored(etcd.endpoint);
    const puts = keys.reduce((sum, each) => sum + each.version, 0);
    const transactions = series.get("txn-put")!.requests.succeeded;
    assert.ok(transactions > 100, `${transactions} transactions`);
    assert.is(puts, 64 + 4 * transactions);
  });

  test("a paced run has both clocks in each series", async () => {
    const { result } = await mixed("--mix=ycsb-a", "--rate=500", "--total=400", "--clients=5");
    for (const { name, responseTime, requests } of result.operations) {
      assert.is(responseTime?.count, requests.succeeded, name);
      assert.ok(requests.succeeded > 100, name);
    }
  });

  test("the table shows the mix and every series", async () => {
    const flags = ["--total=200", "--threshold=range:p50<1m"];
    const { stdout } = await bench(["mixed", `--endpoints=${etcd.endpoint}`, ...flags]);
    assert.match(stdout, /\nThreshold range:p50<1m: passed \(/);
    assert.match(
      stdout,
      /^mixed put 20 : range linearizable 70 : delete 10 over 1,000 keys, key 8/m,
    );
    assert.match(
      stdout,
      /\nmixed .* 200 [\s\S]*\nmixed-put [\s\S]*\nmixed-range [\s\S]*\nmixed-delete /,
    );
  });
});

const kills = suite("mixed with etcd killed");

for (const { title, binary } of ETCD_VERSIONS) {
  kills(`killing ${title} ends a closed-loop mix, and its counts add up`, async () => {
    const cluster = await startLocalCluster({ binary: await binary(), members: 1 });
    try {
      const endpoint = cluster.endpoints[0]!;
      const run = new BenchProcess([
        ...["mixed", `--endpoints=${endpoint}`, "--mix=put=2,range=5,delete=2,txn-put=1"],
        ...["--key-space-size=100", `--duration=${patient(5)}s`],
        ...[`--timeout=${patient(1)}s`, ...SHAPE],
        "--output=json",
      ]);
      await run.until("a few hundred writes after those of the key space", async () => {
        return (await readStored(endpoint)).revision >= 300;
      });
      await cluster.kill("etcd1");
      const measured = measuredBy(await run.ended);
      assert.is(measured.code, 1, measured.stderr);
      assert.is(measured.result.verdict.kind, "errors");
      const series = seriesOf(measured);
      assert.is(series.size, 4);
      const { succeeded, failed } = measured.result.operations[0]!.requests;
      assert.ok(succeeded > 0 && failed > 0, `${succeeded} succeeded, ${failed} failed`);
    } finally {
      await cluster.down();
    }
  });
}

kills.run();
