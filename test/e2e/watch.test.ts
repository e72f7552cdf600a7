/** Runs `bench watch` and `bench watch-latency` on a real etcd, and counts all events. */
import * as assert from "uvu/assert";
import type { OperationResult, RunResult } from "../../src/result/schema.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { readStored, store } from "../etcd/stored-keys.ts";
import { BenchProcess, type Measured, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

function named(result: RunResult, name: string): OperationResult {
  const operation = result.operations.find((each) => each.name === name);
  assert.ok(operation, `${name} is in ${result.operations.map((each) => each.name)}`);
  return operation!;
}

/** Successful requests of creation, puts and both kinds of delivery; asserts that none failed. */
function counts({ result, code, stderr }: Measured): number[] {
  assert.is(code, 0, `${stderr}\n${JSON.stringify(result.verdict)}`);
  const names = ["watch-create", "watch-put", "watch-delivery", "watch-delivery-after-ack"];
  return names.map((name) => {
    const { requests, counters } = named(result, name);
    assert.is(requests.failed, 0, name);
    assert.is(requests.offered, requests.succeeded, name);
    const { progressNotifications: _, ...faults } = counters;
    assert.equal(faults, {}, name);
    return requests.succeeded;
  });
}

onEachEtcd("watch", {}, (test, etcd) => {
  test("upstream's defaults make 1,000 watchers of one key, and each receives every put", async () => {
    const before = (await readStored(etcd.endpoint)).revision;
    const run = await measure(["watch", `--endpoints=${etcd.endpoint}`, "--put-total=50"]);
    assert.equal(counts(run), [1_000, 50, 50_000, 50_000]);
    assert.is((await readStored(etcd.endpoint)).revision, before + 50);
  });

  for (const [shape, ...flags] of [
    ["streams over more connections than clients", "--conns=7", "--clients=3", "--streams=9"],
    ["several workers, each with keys of its own", "--conns=4", "--clients=5", "--workers=3"],
    ["previous values and progress notifications", "--prevkv", "--progress-notify"],
    ["few keys drawn at random, and a rate", "--key-space-size=3", "--rate=200"],
    ["the reference transport", "--transport=grpc-js", "--conns=2"],
  ] as const) {
    test(`no event is lost or duplicated with ${shape}`, async () => {
      const run = await measure([
        "watch",
        `--endpoints=${etcd.endpoint}`,
        "--watched-key-total=6",
        "--watch-per-stream=5",
        "--put-total=60",
        ...flags,
      ]);
      const streams = flags.some((flag) => flag === "--streams=9") ? 9 : 10;
      const [created, put, delivered, afterAck] = counts(run);
      assert.equal([created, put, delivered], [streams * 5, 60, afterAck]);
      // Each key has some of the watchers, and the puts alternate between keys.
      assert.ok(delivered! > 0 && delivered! <= 60 * streams * 5, `${delivered}`);
      if (shape.startsWith("previous")) assert.is(delivered, (60 / 6) * streams * 5);
    });
  }

  test("a warm-up of puts reaches the watchers, but no figure contains it", async () => {
    const flags = ["--put-total=20", "--warmup=30", "--streams=2", "--watch-per-stream=3"];
    const before = (await readStored(etcd.endpoint)).revision;
    const run = await measure(["watch", `--endpoints=${etcd.endpoint}`, ...flags]);
    assert.equal(counts(run), [6, 20, 120, 120]);
    assert.is((await readStored(etcd.endpoint)).revision, before + 50);
    assert.match(run.result.notes.join("\n"), /30 requests of --warmup .* after the set-up/);
  });

  test("watch-latency puts at its rate, and measures each event on two clocks", async () => {
    const flags = ["--put-rate=200", "--total=40", "--prevkv"];
    const run = await measure(["watch-latency", `--endpoints=${etcd.endpoint}`, ...flags]);
    assert.equal(counts(run), [100, 40, 4_000, 4_000]);
    assert.is(run.result.plan.pacing.ratePerSec, 200);
    assert.ok(named(run.result, "watch-put").responseTime !== null);
    const fromSend = named(run.result, "watch-delivery").serviceTime;
    const fromAck = named(run.result, "watch-delivery-after-ack").serviceTime;
    assert.ok(fromSend.meanMs! > fromAck.meanMs!, `${fromSend.meanMs} > ${fromAck.meanMs}`);
  });

  test("another client's puts on a watched key are foreign, and fail the run", async () => {
    const flags = ["--streams=1", "--watch-per-stream=2", "--rate=50"];
    const length = `--duration=${patient(4)}s`;
    const place = [`--endpoints=${etcd.endpoint}`, "--prefix=foreign"];
    const bench = new BenchProcess(["watch", ...place, ...flags, length, "--output=json"]);
    let watched: string | undefined;
    await bench.until("a put", async () => {
      const { keys } = await readStored(etcd.endpoint);
      watched = keys.map(({ key }) => key.toString("latin1")).find((key) => /^foreign/.test(key));
      return watched !== undefined;
    });
    await store(etcd.endpoint, watched!, "another's");
    const run = measuredBy(await bench.ended);
    assert.is(run.code, 1, run.stderr);
    assert.is(run.result.verdict.kind, "errors");
    assert.match(run.result.verdict.reasons.join("; "), /events were of no put of this run/);
    const { counters } = named(run.result, "watch-delivery");
    assert.is(counters.foreign, 2, JSON.stringify(counters));
    assert.is(counters.missing, undefined);
  });

  test("killing etcd loses all watchers: counted, exit code 1, nothing hangs", async () => {
    const before = (await readStored(etcd.endpoint)).revision;
    const flags = ["--put-total=10M", "--conns=2", "--clients=4", "--output=json"];
    const timeout = `--timeout=${patient(2)}s`;
    const run = new BenchProcess(["watch", `--endpoints=${etcd.endpoint}`, timeout, ...flags]);
    await until("puts", async () => (await readStored(etcd.endpoint)).revision >= before + 50);
    await etcd.cluster.kill("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    assert.is(result.verdict.kind, "errors");
    // One sentence for each reason: streams of two connections may break in two ways.
    const lost = result.verdict.reasons
      .join("; ")
      .matchAll(/([\d,]+) watchers? (?:was|were) lost/g);
    const counts = [...lost].map(([, count]) => Number(count!.replaceAll(",", "")));
    assert.is(
      counts.reduce((sum, count) => sum + count, 0),
      1_000,
      result.verdict.reasons.join("; "),
    );
    assert.is(named(result, "watch-create").requests.succeeded, 1_000);
    assert.ok(named(result, "watch-delivery").requests.succeeded > 0);
    assert.is(named(result, "watch-delivery").counters.lostWatchers, 1_000);
    await etcd.cluster.restart("etcd1");
  });
});
