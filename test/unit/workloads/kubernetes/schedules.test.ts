/** The mix and the conflict rate are as planned, after any number of requests. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ConflictShare } from "../../../../src/workloads/kubernetes/conflict-share.ts";
import { KindSchedule } from "../../../../src/workloads/kubernetes/kind-schedule.ts";
import { mixOfCluster } from "../../../../src/workloads/kubernetes/request-mix.ts";

function assertWithinOne(weights: readonly number[], turns: number): void {
  const schedule = new KindSchedule(weights);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const counts = weights.map(() => 0);
  for (let turn = 1; turn <= turns; turn++) {
    counts[schedule.next()]! += 1;
    for (const [kind, count] of counts.entries()) {
      const off = count - (turn * weights[kind]!) / sum;
      assert.ok(Math.abs(off) < 1, `turn ${turn}: kind ${kind} is off by ${off}`);
    }
  }
}

test("after any number of requests each kind is within one request of its share", () => {
  const weight = fc.double({ min: 0.01, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 14 }), (weights) => {
      assertWithinOne(weights, 300);
    }),
  );
});

test("the mixes of clusters of any size are within one request too", () => {
  for (const [nodes, pods] of [
    [1, 10],
    [100, 3_000],
    [5_000, 150_000],
  ] as const) {
    for (const scenario of ["steady", "job-storm", "relist", "events"] as const) {
      const mix = mixOfCluster(scenario, nodes, pods);
      assertWithinOne(
        mix.map(({ weight }) => weight),
        2_000,
      );
    }
  }
});

test("a restarted schedule repeats the same order", () => {
  const schedule = new KindSchedule([5, 3, 1]);
  const take = () => Array.from({ length: 20 }, () => schedule.next());
  const first = take();
  assert.is(new Set(first).size, 3);
  schedule.restart();
  assert.equal(take(), first);
});

test("conflicts that could not be made are made later, and their share is as planned", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(50), (share, without) => {
      const conflicts = new ConflictShare(share);
      let made = 0;
      for (let write = 1; write <= 500; write++) {
        const isOwed = conflicts.next();
        if (!isOwed || write <= without) continue;
        conflicts.made();
        made += 1;
        if (write > without + 200 && share < 0.5) {
          assert.ok(Math.abs(made - write * share) <= 0.5 + 1e-9, `${made} of ${write}`);
        }
      }
    }),
  );
});

test("the conflicts of all workers add up to the share, even if each worker has few writes", () => {
  for (const workers of [1, 2, 5]) {
    let made = 0;
    for (let worker = 0; worker < workers; worker++) {
      const conflicts = new ConflictShare(0.05, (worker + 0.5) / workers);
      for (let write = 0; write < 10; write++) {
        if (!conflicts.next()) continue;
        conflicts.made();
        made += 1;
      }
    }
    assert.ok(Math.abs(made - workers * 0.5) <= 0.5, `${made} of ${workers} workers`);
  }
});

test.run();
