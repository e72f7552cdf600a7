/** Runs `bench staleness` on three real members, one of which is frozen in one test. */
import * as assert from "uvu/assert";
import type { OperationResult, RunResult } from "../../src/result/schema.ts";
import { leaderIndex } from "../etcd/cluster-leader.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, measure, measuredBy } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

function named(result: RunResult, name: string): OperationResult {
  const operation = result.operations.find((each) => each.name === name);
  assert.ok(operation, `${name} is in ${result.operations.map((each) => each.name)}`);
  return operation!;
}

onEachEtcd("staleness", { members: 3 }, (test, etcd) => {
  test("each member is read during puts, and each read has its position in the history", async () => {
    const before = (await readStored(etcd.endpoint)).revision;
    const flags = ["--rate=200", "--total=300", "--read-rate=100", "--warmup=50", "--cleanup"];
    const { code, result, stderr } = await measure(["staleness", etcd.endpointsFlag, ...flags]);
    assert.is(code, 0, `${stderr}\n${JSON.stringify(result.verdict)}`);
    assert.is(named(result, "staleness-put").requests.succeeded, 300);
    assert.is(result.operations.length, 7);
    for (const { name } of etcd.cluster.members) {
      const reads = named(result, `staleness-read-${name}`).requests;
      const behind = named(result, `staleness-${name}`);
      assert.ok(reads.succeeded > 10, `${name}: ${reads.succeeded}`);
      assert.is(behind.requests.succeeded, reads.succeeded);
      const { count, min, max } = behind.quantities.revisionsBehind!;
      assert.is(count, reads.succeeded);
      assert.is(min, 0);
      assert.ok(max! <= 350, `${name}: ${max} revisions behind`);
      assert.is(max! > 0, (behind.counters.behind ?? 0) > 0);
    }
    const { keys, revision } = await readStored(etcd.endpoint);
    assert.equal(keys, []);
    // Puts of the warm-up and of the run, and the transactions that delete the keys.
    assert.ok(revision > before + 350);
  });

  test("reads from a temporarily frozen follower are behind by the freeze, or late", async () => {
    const leader = await leaderIndex(etcd.cluster);
    const frozen = etcd.cluster.members[(leader + 1) % 3]!.name;
    const bench = new BenchProcess([
      "staleness",
      etcd.endpointsFlag,
      ...[
        "--target-leader",
        "--rate=200",
        // Longer than the test needs; the test ends the run.
        `--duration=${patient(170_000)}ms`,
        "--read-rate=100",
        "--output=json",
      ],
    ]);
    await bench.said(/^measuring/m);
    const revisionOf = async () => (await readStored(etcd.cluster.endpoints[leader]!)).revision;
    const putsBeyond = async (puts: number) => {
      const start = await revisionOf();
      await bench.until(`${puts} puts`, async () => (await revisionOf()) >= start + puts);
    };
    await putsBeyond(100);
    etcd.cluster.pause(frozen);
    const pausedMs = performance.now();
    try {
      await putsBeyond(200);
    } finally {
      etcd.cluster.resume(frozen);
    }
    const frozenMs = performance.now() - pausedMs;
    await putsBeyond(100);
    bench.signal("SIGINT");
    const { result } = measuredBy(await bench.ended);
    const { serviceTime, quantities } = named(result, `staleness-${frozen}`);
    const reads = result.operations.map(({ name, requests: { succeeded }, serviceTime }) => {
      return `${name}: ${succeeded}, max ${serviceTime.maxMs} ms`;
    });
    const shown =
      `${frozen} frozen for ${frozenMs} ms: ${JSON.stringify(quantities)}; ${reads.join("; ")}; ` +
      JSON.stringify(result.target.changes);
    const late = named(result, `staleness-read-${frozen}`);
    const wasLate = late.requests.failed > 0 || late.serviceTime.maxMs! > frozenMs / 2;
    assert.ok(wasLate, shown);
    if (late.requests.failed === 0) {
      assert.ok(serviceTime.maxMs! > frozenMs / 4, `${shown} ${serviceTime.maxMs}`);
      assert.ok(quantities.revisionsBehind!.max! > 40, shown);
    }
    // Reads from the others continued.
    const others = named(result, `staleness-read-${etcd.cluster.members[leader]!.name}`);
    assert.ok(others.requests.succeeded > 100, `${others.requests.succeeded}`);
  });
});
