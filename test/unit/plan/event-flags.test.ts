/** Tests the flags of compaction, defragmentation and events, and the two maintenance commands. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { commandLineOf, type Invocation, planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { MixedWorkload } from "../../../src/workloads/mixed/schema.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { refusal } from "../../harness/refusal.ts";

function planned(command: "put" | "range" | "compact" | "defrag", flags: GivenFlags = {}) {
  const { plan, notes } = planFromFlags({ command, flags } as Invocation, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { ...plan, notes };
}

function refuses(flags: GivenFlags, pattern: RegExp, command: "put" | "defrag" = "put"): void {
  assert.match(
    refusal(() => planned(command, flags)),
    pattern,
  );
}

test("nothing is compacted or defragmented without their flags, nor by older plans", () => {
  const { maintenance, notes, ...plan } = planned("put");
  assert.equal(maintenance, { compaction: null, defragmentation: null, events: [] });
  assert.equal(notes, []);
  assert.equal(runPlanSchema.parse(plan).maintenance, maintenance);
});

test("a run that is too short for its usual compactions has them as often as can be", () => {
  const { maintenance } = planned("compact", { total: "10" });
  assert.equal(maintenance.compaction, { intervalMs: 10, keptRevisions: 1_000 });
});

test("upstream's interval and delta give a schedule, and 0 gives none", () => {
  const { maintenance } = planned("put", { "compact-interval": "5m" });
  assert.equal(maintenance.compaction, { intervalMs: 300_000, keptRevisions: 1_000 });
  const own = { "compact-interval": "500ms", "compact-index-delta": "0" };
  assert.equal(planned("put", own).maintenance.compaction, { intervalMs: 500, keptRevisions: 0 });
  for (const zero of ["0", "0s"]) {
    assert.is(planned("put", { "compact-interval": zero }).maintenance.compaction, null);
  }
});

test("defragmentation times are read in any order, for all members or one", () => {
  const { maintenance } = planned("put", { "defrag-at": "20s, 5s,1m", duration: "2m" });
  assert.equal(maintenance.defragmentation, { atMs: [5_000, 20_000, 60_000], member: null });
  const one = { "defrag-at": "0s", "defrag-member": "m2" };
  assert.equal(planned("put", one).maintenance.defragmentation, { atMs: [0], member: "m2" });
});

test("invalid values are refused, and flags without effect give a note", () => {
  refuses({ "compact-interval": "5" }, /^--compact-interval: "5" is not a duration/);
  refuses({ "compact-interval": "1ms" }, /^--compact-interval: .*at least 10ms/);
  refuses({ "compact-index-delta": "-1" }, /^--compact-index-delta: /);
  refuses({ "defrag-at": "10s,soon" }, /^--defrag-at: "soon" is not a time after the start/);
  refuses({ "defrag-at": "" }, /^--defrag-at: /);
  refuses({ "defrag-at": "5s,10s", duration: "10s" }, /^--defrag-at=5s,10s: the run is over after/);
  refuses({ "defrag-at": "5s", "defrag-member": "" }, /^--defrag-member: /);
  assert.match(planned("put", { "compact-index-delta": "5" }).notes[0]!, /no effect without/);
  assert.match(planned("put", { "defrag-member": "m1" }).notes[0]!, /no effect without/);
});

test("compact and defrag load etcd at a fixed rate, with a schedule that fits into the run", () => {
  const compact = planned("compact");
  assert.is(compact.workload.kind, "mixed");
  assert.equal([compact.pacing.ratePerSec, compact.limits.durationMs], [500, 30_000]);
  assert.is(compact.limits.totalRequests, null);
  assert.equal(compact.maintenance, {
    compaction: { intervalMs: 5_000, keptRevisions: 1_000 },
    defragmentation: null,
    events: [],
  });
  const defrag = planned("defrag", { duration: "6s" });
  assert.equal(defrag.maintenance.compaction, null);
  assert.equal(defrag.maintenance.defragmentation, { atMs: [2_000, 4_000], member: null });
  // 1,200 requests at 500 a second.
  const { maintenance } = planned("compact", { total: "1200" });
  assert.equal(maintenance.compaction, { intervalMs: 400, keptRevisions: 1_000 });
});

test("flags change the load and schedule of compact and defrag", () => {
  const put = planned("compact", { foreground: "put", rate: "0", "compact-interval": "1s" });
  assert.equal([put.workload.kind, put.pacing.ratePerSec], ["put", null]);
  assert.equal(put.maintenance.compaction, { intervalMs: 1_000, keptRevisions: 1_000 });
  const both = planned("defrag", { "defrag-at": "7s", "compact-interval": "2s", mix: "put=1" });
  assert.equal(both.maintenance.defragmentation, { atMs: [7_000], member: null });
  assert.equal(both.maintenance.compaction, { intervalMs: 2_000, keptRevisions: 1_000 });
  assert.is(workloadOf<MixedWorkload>(both, "mixed").mix.length, 1);
  refuses({ foreground: "range" }, /^--foreground: "range" is not one of mixed, put/, "defrag");
  refuses({ duration: "soon" }, /^--duration: /, "defrag");
});

test("--event may be repeated, must fit into the run, and is refused in a search", () => {
  const { maintenance, ...plan } = planned("put", {
    event: ["at=5s for=2s kill leader", "at=8s exec ./my-script"],
    duration: "10s",
  });
  assert.equal(maintenance.events, [
    { atMs: 5_000, lastsMs: 2_000, action: "kill leader" },
    { atMs: 8_000, lastsMs: null, action: "exec ./my-script" },
  ]);
  assert.match(
    commandLineOf({ ...plan, maintenance }),
    / --event='at=5s for=2s kill leader' --event='at=8s exec \.\/my-script'/,
  );
  refuses({ event: ["at=10s kill leader"], duration: "10s" }, /^--event=.*the run is over after/);
  refuses(
    { event: ["at=1s kill leader"], "find-max": ["p99<20ms"] },
    /^--event and --find-max exclude each other/,
  );
});

test("an event must fit into the time of all operations that take turns", () => {
  const given = { duration: "10s", consistency: "l,s", "defrag-at": "12s" };
  const { maintenance } = planned("range", { ...given, event: ["at=15s exec ./my-script"] });
  assert.equal(maintenance.defragmentation, { atMs: [12_000], member: null });
  const late = { ...given, event: ["at=20s exec ./my-script"] };
  assert.match(
    refusal(() => planned("range", late)),
    /the run is over after 20s/,
  );
});

test("compaction and defragmentation run in each step of a search", () => {
  const search = planned("defrag", { "find-max": ["p99<20ms"], "find-step-duration": "3s" });
  assert.equal(search.maintenance.defragmentation, { atMs: [1_000, 2_000], member: null });
  assert.equal(search.limits, {
    ...{ totalRequests: null, durationMs: 30_000 },
    ...{ warmupRequests: null, warmupMs: null },
  });
});

test.run();
