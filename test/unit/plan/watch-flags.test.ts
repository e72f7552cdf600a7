/** Tests the flags of watch and watch-latency: upstream's defaults and names, and errors. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import type { RunPlan } from "../../../src/plan/schema.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { WatchPlan } from "../../../src/workloads/parts/watching/schema.ts";

type WatchCommand = "watch" | "watch-latency";

import { workloadOf } from "../../fixtures/workload-of.ts";
import { refusal as refusalOf } from "../../harness/refusal.ts";

interface Planned {
  plan: RunPlan;
  workload: WatchPlan;
  notes: string[];
}

function planned(command: WatchCommand, flags: GivenFlags = {}): Planned {
  const { plan, notes } = planFromFlags({ command, flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  const workload = workloadOf<WatchPlan>(plan, "watch", "watch-latency");
  return { plan, workload, notes };
}

const refusal = (command: WatchCommand, flags: GivenFlags) =>
  refusalOf(() => planned(command, flags));

test("watch and watch-latency without flags are as upstream", () => {
  const watch = planned("watch");
  assert.equal(watch.notes, []);
  assert.equal(watch.workload, {
    kind: "watch",
    keys: {
      keySizeBytes: 32,
      keySpaceSize: 1,
      sequential: true,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    },
    valSizeBytes: 8,
    valueSize: null,
    watchedKeyTotal: 1,
    streams: 10,
    watchersPerStream: 100,
    prevKv: false,
    progressNotify: false,
  });
  assert.is(watch.plan.limits.totalRequests, 1_000);
  assert.is(watch.plan.pacing.ratePerSec, null);
  const latency = planned("watch-latency");
  assert.is(latency.workload.watchersPerStream, 10);
  assert.is(latency.workload.valSizeBytes, 32);
  assert.is(latency.plan.limits.totalRequests, 1_000);
  assert.is(latency.plan.pacing.ratePerSec, 100);
});

test("upstream's --put-total and --put-rate mean --total and --rate, and exclude them", () => {
  for (const command of ["watch", "watch-latency"] as const) {
    const upstream = planned(command, { "put-total": "30", "put-rate": "7" }).plan;
    assert.equal(planned(command, { total: "30", rate: "7" }).plan, upstream);
    assert.is(upstream.limits.totalRequests, 30);
    assert.is(upstream.pacing.ratePerSec, 7);
    const totals = refusal(command, { "put-total": "30", total: "30" });
    assert.match(totals, /--put-total and --total are the same/);
    const rates = refusal(command, { "put-rate": "7", rate: "8" });
    assert.match(rates, /--put-rate and --rate are the same/);
    assert.match(refusal(command, { "put-total": "0" }), /--put-total/);
    assert.match(refusal(command, { "put-rate": "-1" }), /--put-rate/);
  }
});

test("a duration removes the default total, and --put-rate=0 is a closed loop", () => {
  const { plan } = planned("watch-latency", { duration: "5s", "put-rate": "0" });
  assert.is(plan.limits.totalRequests, null);
  assert.is(plan.limits.durationMs, 5_000);
  assert.is(plan.pacing.ratePerSec, null);
  const both = planned("watch", { duration: "5s", "put-total": "9" }).plan.limits;
  assert.equal([both.totalRequests, both.durationMs], [9, 5_000]);
});

test("each command has its own flag for the watchers of a stream", () => {
  assert.is(planned("watch", { "watch-per-stream": "7" }).workload.watchersPerStream, 7);
  const latency = planned("watch-latency", { "watchers-per-stream": "7" }).workload;
  assert.is(latency.watchersPerStream, 7);
  assert.match(refusal("watch", { "watch-per-stream": "0" }), /--watch-per-stream/);
  assert.match(refusal("watch-latency", { "watchers-per-stream": "x" }), /--watchers-per-stream/);
  const many = refusal("watch", { streams: "1M", "watch-per-stream": "11" });
  assert.match(
    many,
    /--streams=1000000 --watch-per-stream=11 are 11000000 watchers; at most 10000000/,
  );
});

test("watched keys are distinct unless a key space is given", () => {
  const own = planned("watch", { "watched-key-total": "5" });
  assert.is(own.workload.keys.keySpaceSize, 5);
  assert.is(own.workload.keys.sequential, true);
  assert.match(own.notes.join(), /watches so many distinct keys; upstream's tool would watch one/);
  const drawn = planned("watch", { "watched-key-total": "5", "key-space-size": "1000" });
  assert.equal(drawn.notes, []);
  assert.is(drawn.workload.keys.sequential, false);
  const flags = { "watched-key-total": "5", "key-space-size": "3", "sequential-keys": true };
  assert.is(planned("watch", flags).workload.keys.sequential, true);
  assert.match(refusal("watch", { "watched-key-total": "300", "key-size": "1" }), /--key-size/);
  assert.match(refusal("watch", { "watched-key-total": "2M" }), /--watched-key-total/);
});

test("a value too small for the token of its event is refused", () => {
  assert.match(refusal("watch", { "val-size": "7" }), /--val-size/);
  assert.match(refusal("watch", { "val-size": "4..90" }), /--val-size/);
  assert.is(planned("watch", { "val-size": "8..90" }).workload.valueSize?.minBytes, 8);
});

test("each worker needs its own stream and key", () => {
  const workers = { workers: "3", conns: "3", clients: "3" };
  assert.match(refusal("watch", workers), /--workers=3 .* give --watched-key-total=3/);
  const fewStreams = { ...workers, "watched-key-total": "3", streams: "2" };
  assert.match(refusal("watch", fewStreams), /give --streams=3/);
  assert.match(refusal("watch-latency", workers), /leave --workers out/);
  assert.is(planned("watch", { ...workers, "watched-key-total": "3" }).plan.load.workers, 3);
});

test("more connections than clients give no note, because streams use them", () => {
  assert.equal(planned("watch", { conns: "10" }).notes, []);
  assert.equal(planned("watch-latency", { conns: "10" }).notes, []);
});

test("--prevkv and --progress-notify set their fields", () => {
  const { workload } = planned("watch-latency", { prevkv: true, "progress-notify": true });
  assert.equal([workload.prevKv, workload.progressNotify], [true, true]);
});

test.run();
