/** Tests the flags of watch-get: upstream's defaults, the end of the run, and errors. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { plannedWrites } from "../../../src/workloads/planned-writes.ts";
import type { WatchGetWorkload } from "../../../src/workloads/watch-get/schema.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { refusal as refusalOf } from "../../harness/refusal.ts";

function planned(flags: GivenFlags = {}) {
  const { plan, notes } = planFromFlags({ command: "watch-get", flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { plan, notes };
}

const refusal = (flags: GivenFlags) => refusalOf(() => planned(flags));

test("watch-get without flags is as upstream, and ends only after the catch-up", () => {
  const { plan, notes } = planned();
  assert.equal(notes, []);
  assert.equal(plan.workload, {
    kind: "watch-get",
    keys: {
      keySizeBytes: 8,
      keySpaceSize: 1,
      sequential: true,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    },
    valSizeBytes: 8,
    valueSize: null,
    watchers: 10_000,
    streams: 1,
    events: 8,
    consistency: "serializable",
  });
  assert.is(plan.limits.totalRequests, null);
  assert.is(plan.limits.durationMs, null);
});

test("a total, a duration, sizes, a prefix and linearizable gets set their fields", () => {
  const { plan } = planned({
    total: "500",
    duration: "9s",
    "key-size": "16",
    "val-size": "1KiB",
    prefix: "/w/",
    consistency: "l",
  });
  assert.is(plan.limits.totalRequests, 500);
  assert.is(plan.limits.durationMs, 9_000);
  const workload = workloadOf<WatchGetWorkload>(plan, "watch-get");
  assert.is(workload.keys.prefix, "/w/");
  assert.is(workload.keys.keySizeBytes, 16);
  assert.is(workload.valSizeBytes, 1024);
  assert.is(workload.consistency, "linearizable");
});

test("impossible values give an error that names the flag", () => {
  assert.match(refusal({ streams: "3", watchers: "2" }), /--streams=3 .* --watchers=2/);
  assert.match(refusal({ watchers: "0" }), /--watchers/);
  assert.match(refusal({ events: "0" }), /--events/);
  assert.match(refusal({ events: "1M" }), /--events/);
  assert.match(refusal({ consistency: "l,s" }), /--consistency/);
  assert.match(refusal({ prefix: "longer than the key" }), /--key-size/);
  assert.match(refusal({ "find-max": ["p99<20ms"] }), /--find-max/);
});

test("watch-get writes only its history", () => {
  const { plan } = planned({ events: "100", "val-size": "2KiB" });
  assert.equal(plannedWrites(plan), {
    puts: 100,
    deletes: 0,
    keySizeBytes: 8,
    valSizeBytes: 2048,
    valueSize: null,
    loweredBy: ["events"],
  });
});

test.run();
