/** Tests adding up the workers' snapshots: counts, histograms and intervals, each second once. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SnapshotMessage } from "../../../src/load/messages.ts";
import type { RecorderSnapshot } from "../../../src/load/recording/recorder.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { collectorOf, done, MS, near, ORIGIN_NS, recorded, snapshot } from "./snapshots.ts";

test.before(initHistograms);

test("an interval is complete when every worker's snapshot of it has arrived", () => {
  const collector = collectorOf({ workers: 2 });
  const add = (message: SnapshotMessage, recording: RecorderSnapshot) =>
    collector.add(message, recording, ORIGIN_NS);
  assert.is(add(snapshot(0, 0, 1_000), recorded({ succeededMs: [1, 1] })), null);
  assert.is(add(snapshot(1, 1_000, 2_000), recorded({ succeededMs: [5] })), null);
  const first = add(snapshot(0, 0, 1_010), recorded({ succeededMs: [3], failedMs: [9] }));
  assert.equal(
    [first?.succeeded, first?.failed, first?.startSeconds, first?.durationSeconds],
    [3, 1, 0, 1.01],
  );
  const second = add(snapshot(1, 1_010, 2_000), recorded({}));
  assert.equal([second?.succeeded, second?.startSeconds, second?.durationSeconds], [1, 1, 1]);
  collector.destroy();
});

test("the result adds up all snapshots, complete intervals or not", () => {
  const collector = collectorOf({ workers: 2 });
  collector.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [10, 20] }), ORIGIN_NS);
  collector.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [30], failedMs: [40] }), ORIGIN_NS);
  // The other worker had already ended.
  collector.add(snapshot(1, 1_000, 1_500), recorded({ succeededMs: [50] }), ORIGIN_NS);
  collector.endSlice(
    ORIGIN_NS,
    [
      done({ started: 3, lastEndNs: ORIGIN_NS + 1_500 * MS }),
      done({ started: 2, dropped: 4, lastEndNs: ORIGIN_NS + 900 * MS }),
    ],
    ORIGIN_NS,
  );
  const result = collector.result(10);
  assert.equal(result.requests, {
    offered: 9,
    started: 5,
    succeeded: 4,
    failed: 1,
    dropped: 4,
    resent: 0,
  });
  assert.is(result.durationSeconds, 1.5);
  near(result.throughputPerSec, 4 / 1.5);
  assert.is(result.serviceTime.count, 4);
  assert.is(result.serviceTime.maxMs, null, "the one that failed may have taken longer");
  near(result.serviceTime.atLeast!.maxMs!, 50);
  near(result.serviceTime.minMs, 10);
  assert.is(result.serviceTime.missing!.count, 1);
  assert.is(result.failedTime?.count, 1);
  assert.equal(result.errors, [{ code: "UNAVAILABLE", message: "gone", count: 1 }]);
  assert.equal(
    result.intervals.map(({ startSeconds, succeeded }) => [startSeconds, succeeded]),
    [
      [0, 3],
      [1, 1],
    ],
  );
  assert.equal([result.responseTime, result.littlesLaw], [null, null]);
  collector.destroy();
});

test("the duration adds up the slices, without the time between them", () => {
  const collector = collectorOf();
  for (const [phaseId, startMs] of [
    [0, 0],
    [2, 10_000],
  ] as const) {
    collector.add(
      snapshot(0, startMs, startMs + 500, phaseId),
      recorded({ succeededMs: [1] }),
      ORIGIN_NS,
    );
    const lastEndNs = ORIGIN_NS + (startMs + 500) * MS;
    collector.endSlice(
      ORIGIN_NS + startMs * MS,
      [done({ phaseId, started: 1, lastEndNs })],
      ORIGIN_NS,
    );
  }
  const result = collector.result(1);
  assert.is(result.durationSeconds, 1);
  assert.equal(
    result.intervals.map(({ startSeconds }) => startSeconds),
    [0, 10],
  );
  assert.is(result.requests.succeeded, 2);
  collector.destroy();
});

test("Little's law is checked only in a closed loop without failures", () => {
  const law = (isPaced: boolean, failedMs: number[], isWhole = true) => {
    const collector = collectorOf({ isPaced, isWhole });
    const succeededMs = new Array(100).fill(10);
    collector.add(snapshot(0, 0, 1_000), recorded({ succeededMs, failedMs }), ORIGIN_NS);
    const lastEndNs = ORIGIN_NS + 1e9;
    collector.endSlice(ORIGIN_NS, [done({ started: 100, lastEndNs })], ORIGIN_NS);
    const { littlesLaw } = collector.result(1);
    collector.destroy();
    return littlesLaw;
  };
  near(law(false, [])!.ratio, 1);
  assert.is(law(true, []), null);
  assert.is(law(false, [1]), null);
  assert.is(law(false, [], false), null);
});

test("resent requests are counted by the server's reason, over all snapshots", () => {
  const collector = collectorOf();
  for (const reasons of [["GOAWAY, NO_ERROR", "REFUSED_STREAM"], ["GOAWAY, NO_ERROR"]]) {
    const resends = reasons.map((reason) => ({ reason, count: 1 }));
    const record = { ...recorded({ succeededMs: [1] }), resent: resends.length, resends };
    collector.add(snapshot(0, 0, 1_000), record, ORIGIN_NS);
  }
  const { requests, resends } = collector.result(1);
  assert.is(requests.resent, 3);
  assert.equal(resends, [
    { reason: "GOAWAY, NO_ERROR", count: 2 },
    { reason: "REFUSED_STREAM", count: 1 },
  ]);
  collector.destroy();
});

test("Little's law is not checked for a loop with few requests per client", () => {
  const collector = collectorOf();
  collector.add(
    snapshot(0, 0, 1_000),
    recorded({ succeededMs: new Array(39).fill(10) }),
    ORIGIN_NS,
  );
  collector.endSlice(ORIGIN_NS, [done({ started: 39, lastEndNs: ORIGIN_NS + 1e9 })], ORIGIN_NS);
  assert.is(collector.result(2).littlesLaw, null);
  collector.destroy();
});

test("a rate includes its last period, so it never seems exceeded, and a duration is the elapsed time", () => {
  const hour = 3_600_000;
  for (const [periodMs, started, durationMs, seconds, perSec] of [
    [1_000, 2, 2_000, 2, 1],
    // Without a time limit the run ends with the last answer.
    [1_000, 2, null, 1.001, 1],
    // A rate of one request an hour, for two seconds.
    [hour, 1, 2_000, 2, 1 / 3_600],
  ] as const) {
    const collector = collectorOf({ isPaced: true, periodNs: periodMs * MS });
    const times = new Array(started).fill(1);
    const both = recorded({ succeededMs: times, responseMs: times });
    collector.add(snapshot(0, 0, 1_000), both, ORIGIN_NS);
    const lastEndNs = ORIGIN_NS + 1.001e9;
    const limitNs = (durationMs ?? 0) * MS;
    collector.endSlice(ORIGIN_NS, [done({ started, lastEndNs })], ORIGIN_NS, limitNs);
    const { durationSeconds, throughputPerSec } = collector.result(1);
    assert.equal([durationSeconds, throughputPerSec], [seconds, perSec]);
    collector.destroy();
  }
});

test("the rate of what does not follow the schedule is over the time of the slice", () => {
  const options = { isPaced: true, isWhole: false, periodNs: 3_600e9, isAtOwnPace: true };
  const collector = collectorOf(options);
  const both = recorded({ succeededMs: [1, 1], responseMs: [1, 1] });
  collector.add(snapshot(0, 0, 1_000), both, ORIGIN_NS);
  const lastEndNs = ORIGIN_NS + 1.001e9;
  collector.endSlice(ORIGIN_NS, [done({ started: 1, lastEndNs })], ORIGIN_NS, 2e9);
  const { durationSeconds, throughputPerSec } = collector.result(1);
  assert.equal([durationSeconds, throughputPerSec], [2, 1]);
  collector.destroy();
});

test("the rate of random arrivals is over the whole schedule, not up to the last that came", () => {
  for (const [requests, isWhole, seconds] of [
    [null, true, 4],
    [null, false, 4],
    [3, true, 4],
    // No more were to come.
    [2, true, 1.001],
  ] as const) {
    const collector = collectorOf({ isPaced: true, isWhole });
    const both = recorded({ succeededMs: [1, 1], responseMs: [1, 1] });
    collector.add(snapshot(0, 0, 1_000), both, ORIGIN_NS);
    const lastEndNs = ORIGIN_NS + 1.001e9;
    collector.endSlice(ORIGIN_NS, [done({ started: 2, lastEndNs })], ORIGIN_NS, 4e9, requests);
    const { durationSeconds, throughputPerSec } = collector.result(1);
    assert.equal([durationSeconds, throughputPerSec], [seconds, 2 / seconds]);
    collector.destroy();
  }
});

test("a paced run has both clocks", () => {
  const collector = collectorOf({ isPaced: true });
  const both = recorded({ succeededMs: [1, 2], responseMs: [100, 200] });
  collector.add(snapshot(0, 0, 1_000), both, ORIGIN_NS);
  collector.endSlice(ORIGIN_NS, [done({ started: 2 })], ORIGIN_NS);
  const { serviceTime, responseTime } = collector.result(1);
  near(serviceTime.maxMs, 2);
  near(responseTime!.maxMs, 200);
  collector.destroy();
});

test("a slice that broke off has the counts of its snapshots", () => {
  const collector = collectorOf({ workers: 2 });
  const partial = recorded({ succeededMs: [1, 2], failedMs: [3] });
  collector.add(snapshot(0, 0, 1_000), partial, ORIGIN_NS);
  collector.breakOffSlice(ORIGIN_NS, ORIGIN_NS + 2e9, ORIGIN_NS);
  const { requests, durationSeconds, intervals } = collector.result(1);
  assert.equal(
    [requests.offered, requests.started, requests.succeeded, requests.failed],
    [3, 3, 2, 1],
  );
  assert.is(durationSeconds, 2);
  assert.is(intervals.length, 1);
  collector.destroy();
});

test("without requests the figures are unknown, not 0", () => {
  const collector = collectorOf({ isPaced: true });
  collector.endSlice(ORIGIN_NS, [done({})], ORIGIN_NS);
  const { throughputPerSec, serviceTime, failedTime, intervals } = collector.result(1);
  assert.equal([throughputPerSec, serviceTime.meanMs, serviceTime.p99Ms], [null, null, null]);
  assert.equal([failedTime, intervals], [null, []]);
  collector.destroy();
});

test.run();
