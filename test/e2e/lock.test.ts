/** Runs `bench lock` and `bench election` on a real etcd of both versions. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OperationResult, RunResult } from "../../src/result/schema.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { etcdctl, listLeases } from "../etcd/leases.ts";
import { deleteStored, readStored } from "../etcd/stored-keys.ts";
import {
  BenchProcess,
  bench,
  type Measured,
  measure,
  measuredBy,
} from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

const SHAPE = ["--clients=6", "--conns=3", "--workers=2", "--total=60"];

function seriesOf({ operations }: RunResult): Record<string, OperationResult> {
  return Object.fromEntries(operations.map((each) => [each.name, each]));
}

onEachEtcd("lock and election", {}, (test, etcd) => {
  async function contend(...args: string[]): Promise<Measured> {
    const [command, ...flags] = args;
    return measure([command!, `--endpoints=${etcd.endpoint}`, ...flags]);
  }

  test("a lock's key is its name and the lease's id in hex, as --cleanup names it", async () => {
    const flags = [
      "--prefix=named/",
      "--clients=1",
      "--hold=100ms",
      `--total=${patient(10)}`,
      "--cleanup",
    ];
    const run = new BenchProcess([
      "lock",
      `--endpoints=${etcd.endpoint}`,
      ...flags,
      "--output=json",
    ]);
    let key = "";
    await run.until("a lock is held", async () => {
      const { keys } = await readStored(etcd.endpoint);
      const held = keys.map((each) => each.key.toString("latin1"));
      key = held.find((each) => each.startsWith("named/")) ?? "";
      return key !== "";
    });
    const lease = key.split("/")[1]!;
    assert.is(key, `named/${lease}/0/${BigInt(lease).toString(16)}`);
    const { code, result } = measuredBy(await run.ended);
    assert.is(code, 0);
    assert.ok(result.notes.some((note) => note.startsWith("--cleanup deleted 0 keys")));
  });

  for (const [name, command, writesEach, ...flags] of [
    ["etcd's lock service", "lock", 2, "--locks=2"],
    ["the mutex recipe", "lock", 2, "--locks=2", "--locker=lock-client"],
    ["the mutex recipe over grpc-js", "lock", 2, "--locker=lock-client", "--transport=grpc-js"],
    ["elections", "election", 3, "--elections=2", "--proclaims=1"],
    ["elections over grpc-js", "election", 2, "--transport=grpc-js"],
  ] as const) {
    test(`${name}: one owner at a time, in order, evenly, and no key is left`, async () => {
      const before = await readStored(etcd.endpoint);
      const { code, result, stderr } = await contend(command, ...SHAPE, ...flags);
      assert.is(code, 0, stderr);
      const [whole] = result.operations;
      assert.is(whole!.name, command);
      const acquire = command === "lock" ? "acquire" : "campaign";
      const release = command === "lock" ? "release" : "resign";
      const series = seriesOf(result);
      for (const each of [command, `${command}-${acquire}`, `${command}-${release}`]) {
        assert.is(series[each]!.requests.succeeded, 60, each);
      }
      // The first owner follows no other; of six clients, some always wait.
      const handOvers = series[`${command}-hand-over`]!.requests.succeeded;
      assert.ok(handOvers > 30 && handOvers < 60, `${handOvers} hand-overs`);
      const { counters, fairness } = whole!;
      assert.is(counters.twoOwners, undefined);
      assert.is(counters.outOfOrder, undefined);
      assert.ok(counters.orderChecked! > 0 && counters.orderChecked! <= 60, `${stderr}`);
      assert.is(fairness!.contenders, 6);
      assert.ok(fairness!.least > 0 && fairness!.most >= 10, JSON.stringify(fairness));
      assert.ok(fairness!.jainIndex! > 0.5, JSON.stringify(fairness));
      if (command === "election") {
        const seen = series["election-observe"]!.requests.succeeded;
        assert.ok(seen > 0 && seen <= handOvers, `${seen} observed`);
      }
      const after = await readStored(etcd.endpoint);
      assert.equal(after.keys, before.keys);
      assert.is(after.revision - before.revision, 60 * writesEach);
      const left = await listLeases(etcd.endpoint);
      if (left !== null) assert.equal(left, []);
    });
  }

  test("a held lock makes others wait, and a paced run has both clocks", async () => {
    const { code, result, stderr } = await contend(
      ...["lock", "--clients=2", "--rate=100", "--total=20", "--hold=20ms", "--warmup=3"],
    );
    assert.is(code, 0, stderr);
    const { lock } = seriesOf(result);
    assert.ok(lock!.serviceTime.minMs! >= 20, `${lock!.serviceTime.minMs}`);
    // All are due within 0.2 s and run one after another: the last one waits for most of the others.
    assert.ok(lock!.responseTime!.maxMs! >= 200, `${lock!.responseTime!.maxMs}`);
    assert.is(lock!.fairness!.least + lock!.fairness!.most, 20);
  });

  test("a lock whose key is deleted gets two owners, and the run has failed", async () => {
    const run = new BenchProcess([
      ...["lock", `--endpoints=${etcd.endpoint}`, "--locker=lock-client", "--clients=3"],
      ...[`--hold=${patient(700)}ms`, "--total=4", `--timeout=${patient(10)}s`, "--output=json"],
    ]);
    await run.until("one holds it and two wait", async () => {
      return (await readStored(etcd.endpoint)).keys.length === 3;
    });
    await deleteStored(etcd.endpoint);
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    assert.is(result.verdict.kind, "errors");
    assert.match(result.verdict.reasons.join(), /lock had two owners at once [1-4] times/);
  });

  test("a session without its lease fails its operation, gets a new lease, and continues", async () => {
    const seconds = patient(4);
    const run = new BenchProcess([
      ...["lock", `--endpoints=${etcd.endpoint}`, "--clients=2", "--locks=2", "--ttl=60s"],
      ...["--rate=20", `--duration=${seconds}s`, "--output=json"],
    ]);
    await run.until("both have locked", async () => {
      const { revision } = await readStored(etcd.endpoint);
      const isUnderWay = (await readStored(etcd.endpoint)).revision > revision;
      return isUnderWay && ((await listLeases(etcd.endpoint)) ?? [""]).length > 0;
    });
    const leases = await listLeases(etcd.endpoint);
    for (const lease of leases ?? []) await etcdctl(etcd.endpoint, "lease", "revoke", lease);
    const { code, result, stderr } = measuredBy(await run.ended);
    if (leases === null) return;
    assert.is(code, 1, stderr);
    const { requests, errors, counters } = result.operations[0]!;
    assert.ok(requests.failed >= 1 && requests.failed <= 4, JSON.stringify(errors));
    assert.is(requests.offered, 20 * seconds);
    assert.ok(requests.succeeded > 15 * seconds, JSON.stringify(requests));
    // The lock service hides etcd's own status.
    assert.ok(
      errors.every(({ message }) => /lease (not found|has expired)/.test(message)),
      JSON.stringify(errors),
    );
    assert.is(counters.renewedSessions, 2);
    assert.equal(await listLeases(etcd.endpoint), []);
  });
});

const lines = suite("lines of lock and election");

lines("flags that cannot be kept are refused in one line", async () => {
  for (const [flags, pattern] of [
    [["lock", "--hold=10s"], /--hold=10s is not shorter than --timeout=10s/],
    [["lock", "--locker=stm"], /--locker: "stm" is not one of lock-rpc, lock-client/],
    [["election", "--ttl=1s"], /--ttl: "1s" is not a duration of at least 5s/],
    [["election", "--elections=0"], /--elections: "0"/],
  ] as const) {
    const { code, stdout, stderr } = await bench(flags);
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    assert.match(stderr, pattern);
  }
});

lines.run();
