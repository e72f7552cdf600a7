/** Sums over operations count each request once. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ETCD_METRICS } from "../../../src/compare/metrics.ts";
import { WORKLOADS, workloadNamed } from "../../../src/workloads/catalogue.ts";
import { endedRequests, requestSeries } from "../../../src/workloads/series-roles.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const namesOf = (kind: string, names: readonly string[]) =>
  requestSeries(
    names.map((name) => ({ name })),
    kind,
  ).map(({ name }) => name);

test("sums leave out parts of requests, and events", () => {
  assert.equal(namesOf("mixed", ["mixed", "mixed-put", "mixed-rmw", "mixed-rmw-put"]), ["mixed"]);
  const watch = ["watch-create", "watch-put", "watch-delivery", "watch-delivery-after-ack"];
  assert.equal(namesOf("watch", watch), ["watch-create", "watch-put"]);
  const pages = ["range-linearizable", "range-linearizable-page", "range-serializable"];
  assert.equal(namesOf("range", pages), ["range-linearizable", "range-serializable"]);
  assert.equal(namesOf("lock", ["lock", "lock-acquire", "lock-release"]), ["lock"]);
});

test("a member's reads count as requests of staleness, and its lag does not", () => {
  const names = ["staleness-put", "staleness-m1", "staleness-read-m1"];
  assert.equal(namesOf("staleness", names), ["staleness-put", "staleness-read-m1"]);
  // A member's name may look like a series name.
  const odd = ["staleness-put", "staleness-read-1", "staleness-read-read-1"];
  assert.equal(namesOf("staleness", odd), ["staleness-put", "staleness-read-read-1"]);
});

test("only series of requests that surely write make revisions, each request once", () => {
  const names = ["mixed", "mixed-put", "mixed-delete", "mixed-range", "mixed-rmw", "mixed-rmw-put"];
  assert.equal(names.filter(workloadNamed("mixed").makesRevision), ["mixed-put", "mixed-rmw-put"]);
  const txn = ["txn-mixed", "txn-mixed-read", "txn-mixed-write"];
  assert.equal(txn.filter(workloadNamed("txn-mixed").makesRevision), ["txn-mixed-write"]);
  const without = WORKLOADS.filter(({ name, makesRevision }) => {
    return ["delete", "stm", "lock", "range-linearizable"].some(makesRevision) || name === "";
  });
  assert.equal(without, []);
});

test("etcd's CPU time is divided by the number of requests, each counted once", () => {
  const counted = (name: string, succeeded: number, failed = 0) => {
    const requests = { offered: succeeded + failed, started: succeeded + failed };
    return operationFixture({ name, requests: { ...requests, succeeded, failed } });
  };
  const operations = [counted("mixed", 3_900, 100), counted("mixed-put", 2_000, 100)];
  operations.push(counted("mixed-range", 1_900));
  const result = resultFixture({ operations });
  result.plan.workload = { ...result.plan.workload, kind: "mixed" } as never;
  result.server = [{ ...result.server[0]!, cpuSeconds: 1.12 }];
  assert.is(endedRequests(operations, "mixed"), 4_000);
  const cpu = ETCD_METRICS.find(({ name }) => name === "etcd-cpu")!;
  assert.is(cpu.read(operations[0]!, result), 280);
});

test.run();
