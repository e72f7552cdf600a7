/** Tests the estimate of what a run writes: requests for every kind of limit, and bytes per put. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunPlan } from "../../../src/plan/schema.ts";
import { bytesOf, bytesPerPut } from "../../../src/plan/written-bytes.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { plannedWrites } from "../../../src/workloads/planned-writes.ts";
import { type Overrides, planFixture, rangeResultFixture } from "../../fixtures/result-fixture.ts";

const NONE = { totalRequests: null, durationMs: null, warmupRequests: null, warmupMs: null };

function putsOf(limits: Partial<RunPlan["limits"]>, ratePerSec: number | null = null) {
  return plannedWrites(planFixture({ limits: { ...NONE, ...limits }, pacing: { ratePerSec } }))
    ?.puts;
}

test("the number of puts is the total, or rate times duration, whichever is lower", () => {
  assert.is(putsOf({ totalRequests: 500 }), 500);
  assert.is(putsOf({ durationMs: 2_500 }, 100), 250);
  assert.is(putsOf({ totalRequests: 100, durationMs: 2_500 }, 100), 100);
  assert.is(putsOf({ totalRequests: 500, durationMs: 2_500 }, 100), 250);
});

test("the puts of a closed loop with a duration are unknown", () => {
  assert.is(putsOf({ durationMs: 1_000 }), undefined);
  assert.is(putsOf({ totalRequests: 1e9, durationMs: 1_000 }), undefined);
});

test("the warm-up writes too", () => {
  assert.is(putsOf({ totalRequests: 500, warmupRequests: 50 }), 550);
  assert.is(putsOf({ durationMs: 1_000, warmupMs: 500 }, 100), 150);
  assert.is(putsOf({ totalRequests: 500, warmupMs: 500 }), 500);
});

test("sizes are those of the workload, a transaction has several puts, and reads write nothing", () => {
  const keys = { keySizeBytes: 16 };
  const workload: Overrides<RunPlan["workload"]> = { kind: "put", keys, valSizeBytes: 100 };
  assert.equal(plannedWrites(planFixture({ workload })), {
    puts: 100_000,
    deletes: 0,
    keySizeBytes: 16,
    valSizeBytes: 100,
    valueSize: null,
  });
  const plan = planFixture();
  const { workload: put } = plan;
  if (put.kind !== "put") throw new Error("the fixture puts");
  const { keys: putKeys, valSizeBytes, valueSize } = put;
  const txn = { kind: "txn-put" as const, keys: putKeys, valSizeBytes, valueSize, txnOps: 7 };
  assert.is(plannedWrites({ ...plan, workload: txn })?.puts, 700_000);
  assert.is(plannedWrites(rangeResultFixture().plan), null);
});

test("the puts and deletes of every writing workload are estimated, set-up included", () => {
  const writes = (command: string, flags: Record<string, string | boolean>) => {
    const invocation = { command, flags };
    const written = plannedWrites(planFromFlags(invocation, {}).plan);
    return written && [written.puts, written.deletes, written.keySizeBytes];
  };
  assert.equal(writes("put", { total: "500" }), [500, 0, 8]);
  assert.equal(writes("delete", { total: "500", "key-space-size": "300" }), [300, 300, 8]);
  assert.equal(writes("txn-mixed", { total: "500", "rw-ratio": "4" }), [100, 0, 8]);
  const mix = { mix: "put=1,delete=1,range=2", "key-space-size": "50" };
  assert.equal(writes("mixed", { total: "400", ...mix }), [150, 100, 8]);
  const stm = { total: "100", keys: "8", "keys-per-txn": "4", prefix: "p/" };
  assert.equal(writes("stm", { ...stm, "txn-wr-percent": "25" }), [100, 0, 6]);
  assert.equal(writes("stm", { ...stm, "txn-wr-percent": "0" }), null);
  assert.equal(writes("stm", { ...stm, "stm-locker": "lock-rpc" }), [200, 200, 6]);
  const lease = { total: "100", "keys-per-lease": "3", prefix: "p/" };
  assert.equal(writes("lease-grant", lease), [300, 300, 10]);
  assert.equal(writes("lease-grant", { ...lease, "keys-per-lease": "0" }), null);
  const contention = { total: "100", prefix: "p/" };
  assert.equal(writes("lock", contention), [0, 200, 47]);
  assert.equal(writes("election", { ...contention, proclaims: "2" }), [300, 100, 47]);
  assert.equal(writes("watch", { "put-total": "70" }), [70, 0, 32]);
  assert.equal(writes("lease-keepalive", { total: "70" }), null);
});

/** Per kind of object, puts and revisions without a value; and the interval of its compactions. */
function kubernetes(flags: Record<string, string>) {
  const usual = { scenario: "steady", nodes: "100", prefix: "/k" };
  const invocation = { command: "kubernetes", flags: { ...usual, ...flags } };
  const written = plannedWrites(planFromFlags(invocation, {}).plan)!;
  const kinds = [written, ...written.further!];
  const counts = Object.fromEntries(kinds.map(({ of, puts, deletes }) => [of, [puts, deletes]]));
  return { written, counts, compactIntervalMs: written.compactIntervalMs };
}

test("kubernetes writes objects of every kind, each once before the load", () => {
  const mix = "pod-create=2,pod-delete=1,pod-update=1,node-update=2,event-create=2,pod-get=2";
  const { written, counts } = kubernetes({ mix, pods: "1000", rate: "10", duration: "10s" });
  assert.equal(counts, {
    pods: [1_000 + 30, 10],
    namespaces: [10, 0],
    nodes: [100 + 20, 0],
    leases: [100, 0],
    services: [50, 0],
    endpoints: [50, 0],
    events: [20, 0],
  });
  const sizes = written.further!.map(({ of, valSizeBytes }) => [of, valSizeBytes]);
  assert.ok(sizes.some(([of, bytes]) => of === "nodes" && bytes === 8_000));
  const others = written.further!.reduce((sum, each) => sum + bytesOf(each).all, 0);
  const { eachPut, eachDelete, all } = bytesOf(written);
  assert.ok(Math.abs(all - (1_030 * eachPut + 10 * eachDelete + others)) < 1e-3);
});

test("with compactions of kubernetes, two intervals of revisions and all live objects count", () => {
  const mix = "pod-create=2,pod-delete=1,pod-update=1,node-update=2,event-create=2,pod-get=2";
  const load = { mix, pods: "1000", rate: "10", duration: "100s" };
  // 200 of 1,000 requests count. The other 800 add 80 live pods and no nodes.
  const short = kubernetes({ ...load, "compact-interval": "10s" });
  assert.is(short.compactIntervalMs, 10_000);
  assert.equal(short.counts.pods, [1_000 + 60 + 80, 20]);
  assert.equal(short.counts.nodes, [100 + 40, 0]);
  // Events live for an hour unless their leases expire.
  assert.equal(short.counts.events, [200, 0]);
  const expiring = kubernetes({ ...load, "compact-interval": "10s", "event-ttl": "5s" });
  assert.equal(expiring.counts.events, [40, 40]);
  const long = kubernetes({ ...load, "compact-interval": "50s" });
  assert.is(long.compactIntervalMs, undefined);
  assert.equal(long.counts.pods, [1_000 + 300, 100]);
});

test("the estimate for kubernetes is within 10% of the measured growth of etcd's database", () => {
  for (const [scenario, nodes, grownBytes] of [
    ["steady", "50", 37.6e6],
    ["steady", "100", 74.6e6],
    ["job-storm", "50", 62.1e6],
    ["job-storm", "100", 123.7e6],
    ["events", "50", 28.8e6],
    ["events", "100", 56.7e6],
  ] as const) {
    const { written } = kubernetes({ scenario, nodes, duration: "30s" });
    assert.ok(Math.abs(bytesOf(written).all / grownBytes - 1) < 0.1, `${scenario} ${nodes}`);
  }
});

test("the bytes of varying values are a mean over the sizes, not the bytes of the mean size", () => {
  const values = { keySizeBytes: 8, valSizeBytes: 500, valueSize: null, puts: 10, deletes: 0 };
  const valueSize = { kind: "uniform", minBytes: 0, maxBytes: 1_000 } as const;
  let sum = 0;
  for (let bytes = 0; bytes <= 1_000; bytes++) sum += bytesPerPut(8, bytes);
  const { eachPut, all } = bytesOf({ ...values, valueSize });
  assert.ok(Math.abs(eachPut - sum / 1_001) < 1e-6, `${eachPut}`);
  assert.ok(Math.abs(all - 10 * eachPut) < 1e-6);
  assert.is(
    bytesOf({ ...values, deletes: 2 }).all,
    10 * bytesPerPut(8, 500) + 2 * bytesPerPut(8, 0),
  );
});

test("the bytes per put are within 10% of the measured growth of etcd's database", () => {
  for (const [keySizeBytes, valSizeBytes, grownBytes] of [
    [8, 8, 71.4],
    [8, 64, 137.7],
    [8, 256, 375.1],
    [32, 256, 413.5],
    [8, 1024, 1378.7],
    [256, 1024, 2065],
    [8, 4096, 6164],
    [8, 10_240, 12_318],
    [8, 102_400, 105_642],
    [8, 1_048_576, 1_162_376],
  ] as const) {
    const bytes = bytesPerPut(keySizeBytes, valSizeBytes);
    assert.ok(
      Math.abs(bytes / grownBytes - 1) < 0.1,
      `${keySizeBytes} + ${valSizeBytes}: ${bytes}`,
    );
  }
});

test("a larger put never takes fewer bytes", () => {
  let last = 0;
  for (let sizeBytes = 1; sizeBytes < 20_000; sizeBytes += 97) {
    const bytes = bytesPerPut(8, sizeBytes);
    assert.ok(bytes >= last && bytes > sizeBytes + 8, `${sizeBytes}: ${bytes}`);
    last = bytes;
  }
});

test.run();
