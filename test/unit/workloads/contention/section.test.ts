/** What the report shows of locks and elections: the load in words and the fairness section. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { WorkloadPlan } from "../../../../src/plan/schema.ts";
import { tableFormat } from "../../../../src/report/table.ts";
import type { Fairness, OperationResult } from "../../../../src/result/schema.ts";
import { workloadNamed } from "../../../../src/workloads/catalogue.ts";
import { operationFixture, planFixture, resultFixture } from "../../../fixtures/result-fixture.ts";

const COMMON = { holdMs: 0, ttlSeconds: 60, prefix: "p/" };
const LOCK = { kind: "lock", locker: "lock-rpc", locks: 1, ...COMMON } as const;
const ELECTION = { kind: "election", elections: 4, proclaims: 0, ...COMMON } as const;
const FAIRNESS: Fairness = { contenders: 6, least: 90, most: 1200, jainIndex: 0.98765 };

/** The cells of the section's only row; empty if the table has no such row. */
function rowOf(fairness: Fairness | null, counters: OperationResult["counters"]): string[] {
  const workload: WorkloadPlan = LOCK;
  const operations = [operationFixture({ name: "lock", fairness, counters })];
  const result = resultFixture({ plan: planFixture({ workload }), operations });
  const text = tableFormat.render([result], { color: false, widthColumns: 120 });
  const [, section = ""] = text.split("\nFairness\n");
  const row = section.split("\n").find((line) => line.trim().startsWith("lock")) ?? "";
  return row
    .trim()
    .split(/ {2,}/)
    .filter((cell) => cell !== "");
}

test("the load's description has the names, the hold time and the TTL of sessions", () => {
  assert.is(
    workloadNamed("lock").describe(LOCK),
    "lock (lock-rpc) of 1 name, given back at once, sessions of TTL 60 s",
  );
  assert.is(
    workloadNamed("lock").describe({
      ...LOCK,
      locker: "lock-client",
      locks: 3,
      holdMs: 5,
      ttlSeconds: 9,
    }),
    "lock (lock-client) of 3 names, held for 5.00 ms, sessions of TTL 9 s",
  );
  assert.is(
    workloadNamed("election").describe(ELECTION),
    "election of 4 names, given back at once, sessions of TTL 60 s",
  );
  assert.match(
    workloadNamed("election").describe({ ...ELECTION, proclaims: 2, holdMs: 10 }),
    /^election of 4 names, 2 proclamations a leader, held for 10\.0 ms, /,
  );
});

test("the section shows the fewest and most acquisitions, Jain's index, and that all were in order", () => {
  assert.equal(rowOf(FAIRNESS, { orderChecked: 1000 }), [
    ...["lock", "6", "90", "1,200", "0.988"],
    "first come, first served (all of 1,000 checked)",
  ]);
});

test("owners out of turn are counted, and an unchecked order is shown as not checked", () => {
  assert.is(
    rowOf(FAIRNESS, { orderChecked: 1000, outOfOrder: 7 }).at(-1),
    "7 of 1,000 checked out of turn",
  );
  assert.is(rowOf(FAIRNESS, {}).at(-1), "not checked");
});

test("without acquisitions there is no index, and without contention no section", () => {
  assert.equal(rowOf({ ...FAIRNESS, jainIndex: null }, {}), [
    "lock",
    "6",
    "90",
    "1,200",
    "not checked",
  ]);
  assert.equal(rowOf(null, {}), []);
});

test.run();
