/** Tests the flags of kubernetes: values that follow from the number of nodes, and errors. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { runPlanSchema } from "../../../src/saved/schemas.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import type { KubernetesWorkload } from "../../../src/workloads/kubernetes/request-mix.ts";

function planOf(flags: GivenFlags) {
  const { plan, notes } = planFromFlags({ command: "kubernetes", flags }, {});
  assert.equal(runPlanSchema.parse(plan), plan);
  return { ...plan, notes, workload: plan.workload as KubernetesWorkload };
}

test("pods, namespaces, services, mix and rate follow from the nodes", () => {
  const { workload, pacing, limits, load } = planOf({});
  const { nodes, pods, namespaces, services, mix } = workload;
  assert.equal([nodes, pods, namespaces, services], [100, 3000, 30, 150]);
  assert.equal([load.clients, limits.durationMs, limits.totalRequests], [50, 60_000, null]);
  const perSec = mix.reduce((sum, { weight }) => sum + weight, 0);
  assert.ok(Math.abs(pacing.ratePerSec! - perSec) <= 0.05, `${pacing.ratePerSec} for ${perSec}`);
  const weightOf = (kind: string) => mix.find(({ operation }) => operation === kind)!.weight;
  assert.is(weightOf("lease-update"), 10);
  assert.is(weightOf("pod-update"), 45);
  assert.is(weightOf("pod-create"), weightOf("pod-delete"));
});

test("given flags replace these values", () => {
  const { workload, pacing, limits } = planOf({
    ...{ nodes: "10", pods: "500", rate: "0", total: "100", mix: "pod-update=9,pod-get=1" },
    ...{ "conflict-rate": "0.2", prefix: "/x", "compact-interval": "10s", "pod-size": "4KiB" },
  });
  assert.equal([pacing.ratePerSec, limits.totalRequests, limits.durationMs], [null, 100, null]);
  assert.equal([workload.conflictRate, workload.prefix], [0.2, "/x"]);
  assert.equal([workload.compactIntervalMs, workload.podSizeBytes], [10_000, 4096]);
  assert.equal(workload.mix, [
    { operation: "pod-update", weight: 9 },
    { operation: "pod-get", weight: 1 },
  ]);
});

test("each scenario has its own requests and watchers", () => {
  const storm = planOf({ scenario: "job-storm" }).workload;
  assert.equal(
    storm.mix.map(({ weight }) => weight),
    [50, 100, 50],
  );
  assert.is(storm.watchersPerResource, 4);
  assert.is(planOf({ scenario: "relist" }).workload.relistClients, 4);
  assert.is(planOf({ scenario: "events" }).workload.eventTtlSeconds, 4);
});

for (const [flags, words] of [
  [{ scenario: "quiet" }, "--scenario"],
  [{ mix: "pod-delete=2,pod-create=1" }, "--mix: with more of pod-delete"],
  [{ mix: "put=1" }, '--mix: "put" is not one of lease-update'],
  [{ mix: "health=1,health=2" }, "--mix: health is named twice"],
  [{ mix: "health=1", scenario: "events" }, "--mix: --scenario=events has requests of its own"],
  [{ "conflict-rate": "200%" }, "--conflict-rate"],
  [{ pods: "50", clients: "50" }, "--pods=50 are too few for --clients=50"],
  [{ nodes: "1", workers: "2", conns: "2", pods: "100" }, "--nodes=1 are fewer than --workers=2"],
  [{ scenario: "relist", relists: "10" }, "--relists=10 takes a client each"],
  [{ scenario: "events", "event-ttl": "30s" }, "--scenario=events waits"],
  [{ "event-ttl": "1500ms" }, "--event-ttl"],
  [{ "pod-size": "10" }, "--pod-size"],
] as [GivenFlags, string][]) {
  test(`${JSON.stringify(flags)} is refused`, () => {
    assert.throws(
      () => planOf(flags),
      (error: unknown) => error instanceof BenchError && error.message.startsWith(words),
    );
  });
}

test("flags without effect give a note", () => {
  assert.match(planOf({ relists: "3" }).notes.join(), /--relists has no effect/);
  const { notes } = planOf({ mix: "health=1", "conflict-rate": "10%" });
  assert.match(notes.join(), /--conflict-rate has no effect/);
});

test.run();
