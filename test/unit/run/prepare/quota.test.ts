/** Tests the estimate of whether the writes exceed a backend quota. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BackendRoom } from "../../../../src/etcd/backend-room.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import type { RunPlan } from "../../../../src/plan/schema.ts";
import { checkBeforeTarget } from "../../../../src/run/prepare/before-target.ts";
import { quotaExcess } from "../../../../src/run/prepare/quota.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { planFixture } from "../../../fixtures/result-fixture.ts";

const LOCAL = {
  members: 1 as const,
  tls: false,
  auth: null,
  grpcProxy: false,
  proxied: false,
};

const WRITES = {
  puts: 100_000,
  deletes: 0,
  keySizeBytes: 8,
  valSizeBytes: 10_240,
  valueSize: null,
};

function room(change: Partial<BackendRoom> = {}): BackendRoom {
  return { member: "m1", quotaBytes: 2e9, sizeBytes: 30e6, inUseBytes: 24e6, ...change };
}

test("there is no excess if the writes fit, or if no member reports a quota", () => {
  assert.is(quotaExcess(WRITES, [room()]), null);
  assert.is(quotaExcess(WRITES, []), null);
});

test("the message names the puts, their bytes, the member, its bytes in use, and its quota", () => {
  const text = quotaExcess(WRITES, [room(), room({ member: "m2", quotaBytes: 1e9 })]);
  assert.is(
    text,
    "100,000 puts of 8 + 10240 bytes take about 12.4 kB each in the database, 1.24 GB in all, and " +
      "m2 has 24 MB in use of its backend quota of 1 GB",
  );
});

test("the message names deletes too, and marks a size that is a mean", () => {
  const valueSize = { kind: "uniform", minBytes: 0, maxBytes: 20_480 } as const;
  const text = quotaExcess({ ...WRITES, deletes: 5_000_000, valueSize }, [
    room({ quotaBytes: 1e9 }),
  ]);
  assert.match(
    String(text),
    /^100,000 puts of 8 \+ 10240 bytes on average take about 1\d\.\d kB each in the database, 5,000,000 /,
  );
  assert.match(
    String(text),
    /revisions without a value, such as deletes leave, about \d\d B each, /,
  );
});

test("the message names each kind of object, and the compactions that the estimate assumes", () => {
  const further = [{ ...WRITES, of: "nodes", puts: 200, valSizeBytes: 8_000 }];
  const writes = { ...WRITES, of: "pods", further, compactIntervalMs: 300_000 };
  assert.is(
    quotaExcess(writes, [room({ quotaBytes: 1e9 })]),
    "100,000 puts of pods with 8 + 10240 bytes take about 12.4 kB each in the database, 200 puts of " +
      "nodes with 8 + 8000 bytes take about 8.27 kB each in the database, 1.24 GB in all, which is " +
      "what it holds at one time where it compacts every 5m what is older than that, and m1 has " +
      "24 MB in use of its backend quota of 1 GB",
  );
});

test("free pages count as room only while the file is smaller than the quota", () => {
  const few = { ...WRITES, puts: 1_000 };
  assert.is(quotaExcess(few, [room({ sizeBytes: 1.99e9 })]), null);
  assert.match(String(quotaExcess(few, [room({ sizeBytes: 2e9 })])), /m1 has 2 GB in use/);
});

test("writes that a temporary cluster has no room for are refused before it is started", async () => {
  const planOf = (serverArgs: string[], target: Partial<RunPlan["target"]> = {}) => {
    const local = { ...LOCAL, serverArgs };
    return planFixture({
      limits: { totalRequests: 300_000, durationMs: null },
      workload: { valSizeBytes: 10_240 },
      target: { local, endpoints: [], ...target },
    });
  };
  const isRefused = async (plan: RunPlan): Promise<boolean> => {
    try {
      await checkBeforeTarget(plan);
      return false;
    } catch (error) {
      assert.match(
        (error as Error).message,
        /^300,000 puts .* etcd1 has 0 B in use .* of 2\.15 GB/,
      );
      return true;
    }
  };
  const large = "--quota-backend-bytes=8589934592";
  assert.is(await isRefused(planOf([])), true);
  assert.is(await isRefused(planOf(["--quota-backend-bytes=0"])), true);
  assert.is(await isRefused(planOf([large])), false);
  assert.is(await isRefused(planOf([large, "--quota-backend-bytes=0"])), true);
  assert.is(await isRefused(planOf(["--quota-backend-bytes=-1"])), false);
  assert.is(await isRefused(planOf(["--config-file=etcd.yaml"])), false);
  assert.is(await isRefused(planOf([], { ignoresQuota: true })), false);
  assert.is(await isRefused(planOf([], { local: null, endpoints: ["127.0.0.1:2379"] })), false);
});

test("the fix names the flags that lower what the run writes, and no other", async () => {
  const fixOf = async (command: string, flags: GivenFlags) => {
    const given = { local: "1", ...flags };
    const { plan } = planFromFlags({ command, flags: given, args: [] }, {});
    const message = await checkBeforeTarget(plan).then(
      () => "",
      (error: Error) => error.message,
    );
    return /; lower (.*), start etcd with/.exec(message)?.[1];
  };
  const large = "10000";
  assert.is(await fixOf("put", { total: "3M", "val-size": large }), "--total or --val-size");
  const paced = { rate: "1000", duration: "10h", "val-size": large };
  assert.is(await fixOf("put", paced), "--duration, --rate or --val-size");
  const sought = { "find-max": ["p99<1s"], "find-start": "10000", duration: "1h" };
  assert.is(await fixOf("put", { ...sought, "val-size": large }), "--duration or --val-size");
  const keys = { "key-space-size": "3M", "val-size": large, total: "10" };
  assert.is(await fixOf("range", keys), "--key-space-size or --val-size");
  assert.is(await fixOf("lock", { total: "30M" }), "--total");
  assert.is(await fixOf("election", { total: "30M" }), "--total");
  assert.is(
    await fixOf("kubernetes", { pods: "1M", nodes: "5000", total: "100k" }),
    "--total, --rate, --pods or --pod-size",
  );
});

test.run();
