/** A run's time in rows: sums and extremes of merged intervals, and readings in their rows. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { phasesOf, timelineOf } from "../../../../src/report/html/timeline.ts";
import type { Interval } from "../../../../src/result/schema.ts";
import {
  operationFixture,
  resultFixture,
  serverFixture,
} from "../../../fixtures/result-fixture.ts";

const [PATTERN] = operationFixture().intervals;

function interval(startSeconds: number, rest: Partial<Interval> = {}): Interval {
  return { ...PATTERN!, startSeconds, durationSeconds: 1, ...rest };
}

test("each interval is a row if there is room", () => {
  const intervals = [
    interval(0, { succeeded: 100, failed: 1, p99Ms: 3, maxMs: 9 }),
    interval(1, { durationSeconds: 0.5, succeeded: 100, failed: 0, p99Ms: null, maxMs: 4 }),
  ];
  const { rows, operations, endSeconds } = timelineOf(
    resultFixture({ operations: [operationFixture({ intervals })] }),
    10,
  );
  assert.equal(rows, [
    { startSeconds: 0, durationSeconds: 1 },
    { startSeconds: 1, durationSeconds: 0.5 },
  ]);
  const [{ perSec, failed, p99Ms, maxMs }] = operations as [(typeof operations)[0]];
  assert.equal(
    { perSec, failed, p99Ms: p99Ms.values, maxMs: maxMs.values },
    { perSec: [100, 200], failed: [1, 0], p99Ms: [3, null], maxMs: [9, 4] },
  );
  assert.is(endSeconds, 1.5);
});

test("intervals that share a row have their common rate and their largest p99", () => {
  const intervals = [10, 20, 60, 40, 5].map((succeeded, at) =>
    interval(at, { succeeded, p99Ms: succeeded }),
  );
  const { rows, operations, intervalsPerRow } = timelineOf(
    resultFixture({ operations: [operationFixture({ intervals })] }),
    3,
  );
  assert.is(intervalsPerRow, 2);
  assert.equal(
    rows.map(({ startSeconds, durationSeconds }) => [startSeconds, durationSeconds]),
    [
      [0, 2],
      [2, 2],
      [4, 1],
    ],
  );
  assert.equal(operations[0]!.perSec, [15, 50, 5]);
  assert.equal(operations[0]!.p99Ms.values, [20, 60, 5]);
});

test("the rest of a second at the end has no row of its own", () => {
  const intervals = [
    interval(0, { succeeded: 1_000 }),
    interval(1, { succeeded: 1_000 }),
    interval(2, { succeeded: 8, durationSeconds: 0.0017, maxMs: 77 }),
  ];
  const { rows, operations } = timelineOf(
    resultFixture({ operations: [operationFixture({ intervals })] }),
    10,
  );
  assert.is(rows.length, 2);
  const [{ perSec, maxMs }] = operations as [(typeof operations)[0]];
  assert.ok(Math.abs(perSec[1]! - 1_008 / 1.0017) < 1e-9, String(perSec[1]));
  assert.is(maxMs.values[1], 77);
});

test("where requests have no latency the row has its lower bound, marked as such", () => {
  const intervals = [
    interval(0, { p99Ms: 3 }),
    interval(1, { p99Ms: null, maxMs: null, atLeast: { p99Ms: 2_800, maxMs: 3_000 } }),
  ];
  const { operations } = timelineOf(
    resultFixture({ operations: [operationFixture({ intervals })] }),
    10,
  );
  assert.equal(operations[0]!.p99Ms, { values: [3, 2_800], isLeast: [false, true] });
});

test("latencies of a paced run are measured from the due time", () => {
  const intervals = [
    interval(0, { p99Ms: 1, responseP50Ms: 5, responseP99Ms: 8, responseMaxMs: 9 }),
  ];
  const { serviceTime } = operationFixture();
  const paced = operationFixture({ intervals });
  paced.responseTime = serviceTime;
  const [series] = timelineOf(resultFixture({ operations: [paced] }), 9).operations;
  const { p50Ms, p99Ms, maxMs } = series!;
  assert.equal([p50Ms.values, p99Ms.values, maxMs.values], [[5], [8], [9]]);
});

test("operations that alternate have separate values, and are phases", () => {
  const operations = [
    operationFixture({ name: "a", intervals: [interval(0), interval(1), interval(3)] }),
    operationFixture({ name: "b", intervals: [interval(2)] }),
  ];
  const timeline = timelineOf(resultFixture({ operations }), 10);
  assert.equal(
    timeline.operations.map(({ perSec }) => perSec.map((value) => value !== null)),
    [
      [true, true, false, true],
      [false, false, true, false],
    ],
  );
  assert.equal(phasesOf(timeline), [
    { name: "a", startSeconds: 0, endSeconds: 2 },
    { name: "b", startSeconds: 2, endSeconds: 3 },
    { name: "a", startSeconds: 3, endSeconds: 4 },
  ]);
});

test("operations that run together all the time are not phases", () => {
  const operations = ["a", "b"].map((name) =>
    operationFixture({ name, intervals: [interval(0), interval(1)] }),
  );
  assert.equal(phasesOf(timelineOf(resultFixture({ operations }), 10)), []);
});

test("a member's readings are in the rows of their times, and one before the start is in none", () => {
  const intervals = [0, 1, 2].map((start) => interval(start));
  const samples = {
    atSeconds: [-0.02, 0.98, 1.5, 1.99, 3.01],
    rssBytes: [1, 10, 30, 20, 5],
    cpuPercent: [null, 50, 20, 40, 7],
    walFsyncP99Ms: [null, null, 2, 1, null],
    backendCommitP99Ms: [null, null, null, null, null],
  };
  const server = [serverFixture({ member: "m2", endpoint: "127.0.0.1:12380", samples })];
  const { members } = timelineOf(
    resultFixture({ operations: [operationFixture({ intervals })], server }),
    10,
  );
  assert.equal(members, [
    {
      member: "m2",
      isLeader: true,
      rssBytes: [10, 30, 5],
      cpuPercent: [50, 30, 7],
      walFsyncP99Ms: [null, 2, null],
      isAfterSilence: [false, false, false],
    },
  ]);
});

test("members without readings are left out, and a result without intervals has no rows", () => {
  const result = resultFixture({ operations: [operationFixture({ intervals: [] })] });
  assert.equal(timelineOf(result, 10).rows, []);
  assert.equal(timelineOf(result, 10).members, []);
});

test.run();
