/** Tests the flags of staleness: its own defaults, and what is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { plannedWrites } from "../../../src/workloads/planned-writes.ts";
import type { StalenessWorkload } from "../../../src/workloads/staleness/schema.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { refusal as refusalOf } from "../../harness/refusal.ts";

function planned(flags: GivenFlags = {}) {
  const { plan, notes } = planFromFlags({ command: "staleness", flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { plan, notes };
}

const refusal = (flags: GivenFlags) => refusalOf(() => planned(flags));

test("staleness without flags puts at a fixed rate for ten seconds, and reads every member", () => {
  const { plan, notes } = planned();
  assert.equal(notes, []);
  assert.equal(plan.limits.durationMs, 10_000);
  assert.is(plan.limits.totalRequests, null);
  assert.is(plan.pacing.ratePerSec, 500);
  assert.is(plan.load.clients, 50);
  assert.is(plan.load.connections, 3);
  const workload = workloadOf<StalenessWorkload>(plan, "staleness");
  assert.is(workload.readRatePerSec, 200);
  assert.is(workload.keys.keySpaceSize, 10_000);
  assert.is(workload.valSizeBytes, 256);
});

test("a total replaces the duration, and a rate of 0 is a closed loop", () => {
  const { plan } = planned({
    total: "100",
    rate: "0",
    "read-rate": "30/m",
    "sequential-keys": true,
  });
  assert.is(plan.limits.durationMs, null);
  assert.is(plan.limits.totalRequests, 100);
  assert.is(plan.pacing.ratePerSec, null);
  const workload = workloadOf<StalenessWorkload>(plan, "staleness");
  assert.is(workload.readRatePerSec, 0.5);
  assert.is(workload.keys.sequential, true);
  assert.is(plannedWrites(plan)?.puts, 100);
});

test("staleness supports a search, which sets the duration", () => {
  const { plan } = planned({ "find-max": ["p99<50ms"] });
  assert.is(plan.limits.durationMs, 30_000);
  assert.is(plan.search?.limits.length, 1);
});

test("impossible values give an error that names the flag", () => {
  assert.match(refusal({ "read-rate": "0" }), /--read-rate=0: without reads/);
  assert.match(refusal({ "read-rate": "11k" }), /--read-rate/);
  assert.match(refusal({ "read-rate": "often" }), /--read-rate/);
  assert.match(refusal({ workers: "2" }), /--workers=2: .* one thread/);
  assert.match(refusal({ "key-size": "1" }), /--key-size/);
});

test.run();
