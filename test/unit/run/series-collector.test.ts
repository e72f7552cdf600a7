/** Adding up the workers' snapshots: counts, histograms and intervals, each second once. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PhaseDoneMessage, SnapshotMessage } from "../../../src/load/messages.ts";
import { NO_SCHEDULE } from "../../../src/load/recording/missing-counts.ts";
import { Recorder, type RecorderSnapshot } from "../../../src/load/recording/recorder.ts";
import { IntervalRoom } from "../../../src/run/interval-room.ts";
import { figuresOf, OpenInterval } from "../../../src/run/open-interval.ts";
import { SeriesCollector, type SeriesOptions } from "../../../src/run/series-collector.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";

test.before(initHistograms);

const ORIGIN_NS = 100e9;
const MS = 1e6;

let recorder: Recorder | undefined;

/** A second's snapshot of one worker, in which `succeededMs` and `failedMs` are latencies. */
function recorded(options: { succeededMs?: number[]; responseMs?: number[]; failedMs?: number[] }) {
  recorder ??= new Recorder();
  const { succeededMs = [], responseMs, failedMs = [] } = options;
  succeededMs.forEach((ms, index) => {
    if (responseMs === undefined) recorder!.succeeded(ms * MS);
    else recorder!.succeededPaced(ms * MS, responseMs[index]! * MS);
  });
  for (const ms of failedMs) recorder.failed(ms * MS, NO_SCHEDULE, 14, "gone");
  return recorder.takeSnapshot();
}

function snapshot(interval: number, fromMs: number, toMs: number, phaseId = 0): SnapshotMessage {
  return {
    type: "snapshot",
    phaseId,
    interval,
    fromNs: ORIGIN_NS + fromMs * MS,
    toNs: ORIGIN_NS + toMs * MS,
    readyConnections: 1,
    progress: { answered: 0, unanswered: 0, lastFailure: "" },
  };
}

function done(figures: Partial<PhaseDoneMessage>): PhaseDoneMessage {
  return {
    type: "phase-done",
    phaseId: 0,
    workerIndex: 0,
    started: 0,
    dropped: 0,
    lastEndNs: ORIGIN_NS,
    lastSendNs: ORIGIN_NS,
    lastDueNs: ORIGIN_NS,
    busyFraction: 0,
    eventLoopDelayP50Ms: 0,
    eventLoopDelayP99Ms: 0,
    cpuWaitFraction: null,
    unmeasured: null,
    ...figures,
  };
}

function collectorOf(options: Partial<Omit<SeriesOptions, "name">> = {}) {
  const { workers = 1, isPaced = false, isWhole = true, periodNs = 0 } = options;
  const room = new IntervalRoom();
  return new SeriesCollector({ name: "put", workers, isPaced, isWhole, periodNs, room });
}

function near(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= expected / 500, `${actual}`);
}

test("an interval is complete when each worker's snapshot of it is here", () => {
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
  // The other worker had ended by then.
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

test("slices add up their times and not the time between them", () => {
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

test("Little's law is checked in a closed loop without failures only", () => {
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

test("a loop of few requests a client is not held against Little's law", () => {
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

test("a rate is over its last period too, so that none seems exceeded, and a duration is what passed", () => {
  const hour = 3_600_000;
  for (const [periodMs, started, durationMs, seconds, perSec] of [
    [1_000, 2, 2_000, 2, 1],
    // Without a limit in time it is over with the last answer.
    [1_000, 2, null, 1.001, 1],
    // One request an hour, for two seconds.
    [hour, 1, 2_000, 2, 1 / 3_600],
  ] as const) {
    const collector = collectorOf({ isPaced: true, periodNs: periodMs * MS });
    const times = new Array(started).fill(1);
    const both = recorded({ succeededMs: times, responseMs: times });
    collector.add(snapshot(0, 0, 1_000), both, ORIGIN_NS);
    const lastEndNs = ORIGIN_NS + 1.001e9;
    collector.endSlice(ORIGIN_NS, [done({ started, lastEndNs })], ORIGIN_NS, durationMs);
    const { durationSeconds, throughputPerSec } = collector.result(1);
    assert.equal([durationSeconds, throughputPerSec], [seconds, perSec]);
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

test("a slice that broke off holds what its snapshots told", () => {
  const collector = collectorOf({ workers: 2 });
  const told = recorded({ succeededMs: [1, 2], failedMs: [3] });
  collector.add(snapshot(0, 0, 1_000), told, ORIGIN_NS);
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

test("without a request nothing is known, and nothing is 0", () => {
  const collector = collectorOf({ isPaced: true });
  collector.endSlice(ORIGIN_NS, [done({})], ORIGIN_NS);
  const { throughputPerSec, serviceTime, failedTime, intervals } = collector.result(1);
  assert.equal([throughputPerSec, serviceTime.meanMs, serviceTime.p99Ms], [null, null, null]);
  assert.equal([failedTime, intervals], [null, []]);
  collector.destroy();
});

test("an open interval spans its workers' seconds, and has percentiles where samples carry them", () => {
  const open = new OpenInterval();
  const many = Array.from({ length: 1_000 }, (_, index) => (index + 1) / 10);
  open.add(snapshot(3, 3_000, 4_000), recorded({ succeededMs: many }));
  open.add(snapshot(3, 2_990, 4_020), recorded({ failedMs: [1, 200] }));
  assert.is(open.snapshots, 2);
  const interval = figuresOf(open.close(), ORIGIN_NS);
  near(interval.startSeconds, 2.99);
  near(interval.durationSeconds, 1.03);
  assert.equal([interval.succeeded, interval.failed], [1_000, 2]);
  assert.equal([interval.meanMs, interval.maxMs], [null, null]);
  near(interval.atLeast!.meanMs!, 50.15);
  near(interval.p99Ms, 99.2);
  near(interval.atLeast!.maxMs!, 200);
  assert.is(interval.responseP99Ms, null);
});

test("an open interval without enough samples leaves its figures out", () => {
  const few = new OpenInterval();
  few.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [5], responseMs: [50] }));
  const { p50Ms, p99Ms, meanMs, responseP99Ms } = figuresOf(few.close(), ORIGIN_NS);
  assert.equal([p50Ms, p99Ms, responseP99Ms], [null, null, null]);
  near(meanMs, 5);
  const none = new OpenInterval();
  none.add(snapshot(0, 0, 1_000), recorded({}));
  const empty = figuresOf(none.close(), ORIGIN_NS);
  assert.equal([empty.meanMs, empty.maxMs, empty.succeeded], [null, null, 0]);
});

test("the figures of an interval give their histograms' memory back", () => {
  const rssBefore = process.memoryUsage.rss();
  for (let second = 0; second < 300; second++) {
    const open = new OpenInterval();
    open.add(snapshot(second, 0, 1_000), recorded({ succeededMs: [1], responseMs: [1] }));
    figuresOf(open.close(), ORIGIN_NS);
  }
  // If one histogram of each second were kept, it would be 81 MB.
  const grownBytes = process.memoryUsage.rss() - rssBefore;
  assert.ok(grownBytes < 78e6, `${grownBytes} bytes more`);
});

test("what was received adds up, and is nothing in a second without answers", () => {
  const receiving = (keys: number, bytes: number) => ({
    ...recorded({ succeededMs: [1] }),
    received: { keys, bytes },
  });
  const collector = collectorOf();
  collector.add(snapshot(0, 0, 1_000), receiving(3, 500), ORIGIN_NS);
  collector.add(snapshot(1, 1_000, 2_000), recorded({}), ORIGIN_NS);
  collector.add(snapshot(2, 2_000, 3_000), receiving(5, 700), ORIGIN_NS);
  collector.endSlice(ORIGIN_NS, [done({ lastEndNs: ORIGIN_NS + 4_000 * MS })], ORIGIN_NS);
  const { received, intervals } = collector.result(1);
  assert.equal(received, { keys: 8, bytes: 1_200, keysPerSec: 2, bytesPerSec: 300 });
  assert.equal(
    intervals.map(({ receivedKeys, receivedBytes }) => [receivedKeys, receivedBytes]),
    [
      [3, 500],
      [0, 0],
      [5, 700],
    ],
  );
  collector.destroy();
});

test("operations that count no answers have received nothing that could be told", () => {
  const collector = collectorOf();
  collector.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [1] }), ORIGIN_NS);
  collector.endSlice(ORIGIN_NS, [done({ lastEndNs: ORIGIN_NS + 1_000 * MS })], ORIGIN_NS);
  const { received, intervals } = collector.result(1);
  assert.equal([received, intervals[0]!.receivedKeys], [null, null]);
  collector.destroy();
});

test("what an event touched is apart, and next to it all the rest", () => {
  const collector = collectorOf({ isPaced: true });
  const touching = recorded({ succeededMs: [1], responseMs: [2] });
  recorder!.succeededPaced(30 * MS, 40 * MS, true);
  recorder!.failed(50 * MS, 60 * MS, 14, "gone", true);
  collector.add(snapshot(0, 0, 1_000), touching, ORIGIN_NS);
  collector.add(snapshot(1, 1_000, 2_000), recorder!.takeSnapshot(), ORIGIN_NS);
  recorder!.succeededPaced(3 * MS, 4 * MS);
  recorder!.failed(5 * MS, 6 * MS, 14, "gone");
  collector.add(snapshot(2, 2_000, 3_000), recorder!.takeSnapshot(), ORIGIN_NS);
  collector.endSlice(ORIGIN_NS, [done({ started: 5 })], ORIGIN_NS);
  const { moments, serviceTime } = collector.result(1);
  const { during, outside } = moments!;
  assert.equal([during.failed, outside.failed], [1, 1]);
  assert.equal([during.serviceTime.count, outside.serviceTime.count], [1, 2]);
  near(during.serviceTime.atLeast!.maxMs!, 50);
  near(during.responseTime!.atLeast!.maxMs!, 60);
  near(outside.serviceTime.atLeast!.maxMs!, 5);
  near(outside.responseTime!.atLeast!.maxMs!, 6);
  near(outside.serviceTime.minMs, 1);
  assert.equal([during.serviceTime.missing!.count, outside.responseTime!.missing!.count], [1, 1]);
  near(serviceTime.atLeast!.maxMs!, 50);
  collector.destroy();
});

test("a run that no event touched has no such figures", () => {
  const collector = collectorOf();
  collector.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [1] }), ORIGIN_NS);
  assert.is(collector.result(1).moments, null);
  collector.destroy();
});

test.run();
