/** Tests the sentences on a result's lost watchers and faulty events. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { eventFaults } from "../../../src/result/event-faults.ts";
import type { OperationResult } from "../../../src/result/schema.ts";
import { operationFixture } from "../../fixtures/result-fixture.ts";

const faultsOf = (lostWatchers: number, losses: OperationResult["losses"]) =>
  eventFaults(operationFixture({ name: "watch-delivery", counters: { lostWatchers }, losses }));

test("a cancelled watcher has etcd's reason, and only a broken stream is reported as broken", () => {
  assert.equal(
    faultsOf(3_002, [
      { cause: "cancelled", reason: "etcdserver: no leader", count: 3_000 },
      { cause: "stream-ended", reason: "UNAVAILABLE: connection reset", count: 1 },
      { cause: "stream-ended", reason: "INTERNAL: odd", count: 2 },
    ]),
    [
      "3,000 watchers were cancelled by etcd (etcdserver: no leader)",
      "1 watcher was lost with its stream (UNAVAILABLE: connection reset)",
      "2 watchers were lost with their streams (INTERNAL: odd)",
    ],
  );
});

test("watchers of an older result are reported as lost without a reason", () => {
  assert.equal(faultsOf(2, []), ["2 watchers were lost"]);
  assert.equal(faultsOf(0, []), []);
});

test("counts of events have separators, and a single event has the singular", () => {
  const counters = { missing: 192_000, foreign: 1 };
  assert.equal(eventFaults(operationFixture({ name: "watch-catch-up", counters })), [
    "192,000 watch-catch-up events never came",
    "1 watch-catch-up event was of no put of this run",
  ]);
});

test.run();
