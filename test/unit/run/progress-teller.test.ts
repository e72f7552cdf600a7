/** Tests the progress that a run reports. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunPlan } from "../../../src/plan/schema.ts";
import type { Interval } from "../../../src/result/schema.ts";
import type { RunProgress } from "../../../src/run/progress.ts";
import { type CountedWithErrors, ProgressTeller } from "../../../src/run/progress-teller.ts";
import { type Overrides, planFixture } from "../../fixtures/result-fixture.ts";

const SECOND: Interval = {
  startSeconds: 0,
  durationSeconds: 1,
  succeeded: 400,
  failed: 0,
  minMs: 1,
  meanMs: 1,
  p50Ms: 1,
  p99Ms: 7,
  maxMs: 9,
  responseP99Ms: null,
  atLeast: null,
  receivedKeys: null,
  receivedBytes: null,
};

function counted(succeeded: number, failed: number): CountedWithErrors & { succeeded: number } {
  return { succeeded, failed, errors: [] };
}

function tellerOf(
  limits: Overrides<RunPlan["limits"]>,
  operations = 1,
  rest: Overrides<RunPlan> = {},
) {
  const reported: RunProgress[] = [];
  const plan = planFixture({ ...rest, limits });
  const teller = new ProgressTeller(plan, operations, (one) => reported.push(one));
  return { teller, reported };
}

test("each change of phase is reported, with the counts so far", () => {
  const { teller, reported } = tellerOf({ totalRequests: 1_000, durationMs: null });
  teller.enter("opening");
  teller.enter("measuring");
  teller.tell([counted(400, 100)], SECOND);
  teller.enter("draining");
  assert.equal(
    reported.map(({ phase, succeeded, failed, fraction }) => [phase, succeeded, failed, fraction]),
    [
      ["opening", 0, 0, 0],
      ["measuring", 0, 0, 0],
      ["measuring", 400, 100, 0.5],
      ["draining", 400, 100, 0.5],
    ],
  );
  const { ratePerSec, p99Ms, secondsLeft } = reported[2]!;
  assert.equal([ratePerSec, p99Ms, secondsLeft], [400, 7, 1]);
  for (const { elapsedSeconds } of reported) assert.ok(elapsedSeconds >= 0);
});

test("the finished fraction is the larger one of requests and time, and at most 1", () => {
  const { teller, reported } = tellerOf({ totalRequests: 1_000, durationMs: 10_000 });
  teller.tell([counted(50, 0)], SECOND);
  assert.is(reported.at(-1)!.fraction, 0.1);
  teller.tell([counted(500, 0)], SECOND);
  assert.is(reported.at(-1)!.fraction, 0.5);
  teller.tell([counted(1_500, 0)], SECOND);
  assert.equal([reported.at(-1)!.fraction, reported.at(-1)!.secondsLeft], [1, 0]);
});

test("the total is the sum of two operations", () => {
  const { teller, reported } = tellerOf({ totalRequests: 1_000, durationMs: null }, 2);
  teller.tell([counted(400, 100), counted(500, 0)], SECOND);
  assert.is(reported[0]!.fraction, 0.5);
  const timed = tellerOf({ totalRequests: null, durationMs: 5_000 }, 2);
  timed.teller.tell([counted(1, 0)], SECOND);
  assert.is(timed.reported[0]!.fraction, 0.1);
});

test("requests of the set-up are counted, but not part of the total", () => {
  const { teller, reported } = tellerOf({ totalRequests: 100, durationMs: 10_000 });
  const setUp = counted(700, 0);
  const load = counted(0, 0);
  teller.tell([setUp, load], SECOND, null);
  assert.equal(
    [reported[0]!.succeeded, reported[0]!.fraction, reported[0]!.secondsLeft],
    [700, 0, null],
  );
  load.succeeded = 20;
  teller.tell([setUp, load], SECOND, [load]);
  assert.equal(
    [reported[1]!.succeeded, reported[1]!.fraction, reported[1]!.secondsLeft],
    [720, 0.2, 4],
  );
});

test("the rate is that of the last interval, whatever its length", () => {
  const { teller, reported } = tellerOf({ totalRequests: null, durationMs: 10_000 });
  teller.tell([counted(400, 0)], { ...SECOND, durationSeconds: 0.5 });
  teller.tell([counted(400, 0)], { ...SECOND, durationSeconds: 0 });
  assert.equal(
    reported.map(({ ratePerSec }) => ratePerSec),
    [800, null],
  );
});

test("a paced run shows its response time", () => {
  const limits = { totalRequests: 1_000, durationMs: null };
  const { teller, reported } = tellerOf(limits, 1, { pacing: { ratePerSec: 500 } });
  const response = { responseP50Ms: 2, responseP99Ms: 70, responseMaxMs: 90 };
  teller.tell([counted(400, 0)], { ...SECOND, ...response });
  teller.tell([counted(400, 0)], SECOND);
  assert.equal(
    reported.map(({ p50Ms, p99Ms, maxMs }) => [p50Ms, p99Ms, maxMs]),
    [
      [2, 70, 90],
      [1, 7, 9],
    ],
  );
});

test("failed requests are counted by code over all operations, the most frequent first", () => {
  const { teller, reported } = tellerOf({ totalRequests: 1_000, durationMs: null });
  const errors = [
    { code: "UNAVAILABLE", count: 2 },
    { code: "DEADLINE_EXCEEDED", count: 3 },
  ];
  teller.tell(
    [
      { ...counted(0, 5), errors },
      { ...counted(0, 4), errors: [{ code: "UNAVAILABLE", count: 4 }] },
    ],
    SECOND,
  );
  assert.equal(reported[0]!.errors, [
    { code: "UNAVAILABLE", count: 6 },
    { code: "DEADLINE_EXCEEDED", count: 3 },
  ]);
});

test("a run limited only by time knows its end from the start, warm-up included", () => {
  const limits = { totalRequests: null, durationMs: 10_000, warmupMs: 2_000 };
  const { teller, reported } = tellerOf(limits, 2);
  teller.enter("opening");
  teller.enter("measuring");
  const unknown = tellerOf({ ...limits, warmupRequests: 10 });
  unknown.teller.enter("warming");
  assert.equal(
    [...reported, ...unknown.reported].map(({ secondsLeft }) => secondsLeft),
    [22, 20, null],
  );
});

test("without a listener nothing is reported", () => {
  const teller = new ProgressTeller(planFixture(), 1);
  teller.enter("opening");
  teller.tell([counted(1, 0)], SECOND);
});

test.run();
