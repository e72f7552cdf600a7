/** Tests merging the intervals of a series to fit the budget: no record is lost or changed. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SnapshotMessage } from "../../../src/load/messages.ts";
import { NO_SCHEDULE } from "../../../src/load/recording/missing-counts.ts";
import { Recorder } from "../../../src/load/recording/recorder.ts";
import { IntervalBudget } from "../../../src/run/interval-budget.ts";
import { SeriesIntervals } from "../../../src/run/series-intervals.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { toLatency } from "../../../src/stats/latency.ts";
import { cases } from "../../harness/whole-run.ts";

test.before(initHistograms);

const ORIGIN_NS = 5e9;
const MS = 1e6;
const recorder = (() => {
  let made: Recorder | undefined;
  return () => {
    made ??= new Recorder();
    return made;
  };
})();

function snapshotOf(second: number, phaseId = 0): SnapshotMessage {
  return {
    type: "snapshot",
    phaseId,
    interval: second,
    fromNs: ORIGIN_NS + second * 1e9,
    toNs: ORIGIN_NS + (second + 1) * 1e9,
    readyConnections: 1,
    progress: { answered: 0, unanswered: 0, lastFailure: "" },
    sending: { due: 0, started: 0, busyFraction: 0 },
  };
}

function recordedOf(latenciesMs: readonly number[], failures = 0) {
  for (const ms of latenciesMs) recorder().succeededPaced(ms * MS, 2 * ms * MS);
  for (let at = 0; at < failures; at++) recorder().failed(MS, NO_SCHEDULE, 14, "gone");
  return recorder().takeSnapshot();
}

/** A budget whose intervals already have `length` seconds. */
function roomOf(length: number): IntervalBudget {
  return { seconds: length, took() {}, fit() {} } as unknown as IntervalBudget;
}

test("if the budget allows it, each second has an interval", () => {
  const intervals = new SeriesIntervals(1, new IntervalBudget());
  for (let second = 0; second < 5; second++) {
    const added = intervals.add(snapshotOf(second), recordedOf([second + 1]), ORIGIN_NS);
    assert.is(added!.fromNs, ORIGIN_NS + second * 1e9);
  }
  assert.equal(
    intervals.result().map(({ startSeconds, durationSeconds }) => [startSeconds, durationSeconds]),
    [0, 1, 2, 3, 4].map((second) => [second, 1]),
  );
});

/** Groups of `length` seconds; a last group of less than half of that joins the one before. */
function inIntervals<Second>(seconds: readonly Second[], length: number): Second[][] {
  const intervals: Second[][] = [];
  for (let from = 0; from < seconds.length; from += length) {
    const next = seconds.slice(from, from + length);
    const before = intervals.at(-1);
    if (before !== undefined && next.length < length / 2) before.push(...next);
    else intervals.push(next);
  }
  return intervals;
}

test("a longer interval has the figures of all its seconds, whatever order they arrive in", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.double({ min: 0.01, max: 5_000, noNaN: true }), { maxLength: 60 }), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.constantFrom(2, 4, 8),
      fc.boolean(),
      (seconds, length, isLate) => {
        const intervals = new SeriesIntervals(1, roomOf(length));
        const order = [...seconds.keys()];
        // A slow worker completes a second after the next one.
        if (isLate && order.length > 3) order.splice(1, 2, order[2]!, order[1]!);
        for (const second of order) {
          intervals.add(snapshotOf(second), recordedOf(seconds[second]!, 1), ORIGIN_NS);
        }
        const merged = intervals.result();
        const expected = inIntervals(seconds, length);
        assert.is(merged.length, expected.length);
        for (const [at, interval] of merged.entries()) {
          const of = expected[at]!;
          const all = new LatencyHistogram();
          for (const ms of of.flat()) all.recordNs(ms * MS);
          assert.is(interval.startSeconds, at * length);
          assert.is(interval.durationSeconds, of.length);
          assert.is(interval.succeeded, of.flat().length);
          assert.is(interval.failed, of.length);
          const near = (actual: number | null, ns: number, isKnown = true) => {
            if (!isKnown) assert.is(actual, null);
            else assert.ok(Math.abs(actual! - ns / MS) <= ns / MS / 400, `${actual} ${ns}`);
          };
          const { count } = all;
          near(interval.minMs, all.minNs, count > 0);
          // In each second one request failed after a millisecond.
          const missing = new LatencyHistogram();
          for (const _ of of) missing.recordNs(MS);
          const { p50Ms, p99Ms, atLeast } = toLatency(all, missing);
          assert.equal([interval.meanMs, interval.maxMs], [null, null]);
          near(interval.atLeast!.meanMs!, atLeast!.meanMs! * MS);
          near(interval.atLeast!.maxMs!, atLeast!.maxMs! * MS);
          near(interval.p50Ms, (p50Ms ?? 0) * MS, p50Ms !== null);
          near(interval.p99Ms, (p99Ms ?? 0) * MS, p99Ms !== null);
          missing.destroy();
          all.destroy();
        }
      },
    ),
    { numRuns: cases(12), seed: 7 },
  );
});

test("the received data of the seconds adds up in a longer interval", () => {
  const intervals = new SeriesIntervals(1, roomOf(2));
  for (const [second, received] of [{ keys: 1, bytes: 10 }, null, null, null].entries()) {
    intervals.add(snapshotOf(second), { ...recordedOf([1]), received }, ORIGIN_NS);
  }
  assert.equal(
    intervals.result().map(({ receivedKeys, receivedBytes }) => [receivedKeys, receivedBytes]),
    [
      [1, 10],
      [null, null],
    ],
  );
});

test("figures are calculated again after their interval has become longer", () => {
  const room = { seconds: 1, took() {}, fit() {} };
  const intervals = new SeriesIntervals(1, room as unknown as IntervalBudget);
  for (const second of [0, 1]) intervals.add(snapshotOf(second), recordedOf([1]), ORIGIN_NS);
  assert.is(intervals.result().length, 2);
  room.seconds = 2;
  assert.equal(
    intervals.result().map(({ succeeded }) => succeeded),
    [2],
  );
});

test("seconds of two phases are never merged", () => {
  const intervals = new SeriesIntervals(1, roomOf(8));
  for (const phaseId of [0, 2]) {
    intervals.add(snapshotOf(0, phaseId), recordedOf([1]), ORIGIN_NS);
    intervals.add(snapshotOf(1, phaseId), recordedOf([1]), ORIGIN_NS);
  }
  assert.equal(
    intervals.result().map(({ succeeded }) => succeeded),
    [2, 2],
  );
});

test("a second that only one worker reached is recorded when the phase ends", () => {
  const intervals = new SeriesIntervals(2, new IntervalBudget());
  assert.is(intervals.add(snapshotOf(0), recordedOf([1, 2]), ORIGIN_NS), null);
  intervals.endPhase(ORIGIN_NS);
  assert.equal(
    intervals.result().map(({ succeeded }) => succeeded),
    [2],
  );
});

test("all series of a run double their intervals together, and stay within the budget", () => {
  const room = new IntervalBudget();
  const all = Array.from({ length: 40 }, () => new SeriesIntervals(1, room));
  for (let second = 0; second < 100; second++) {
    const none = recordedOf([]);
    for (const series of all) series.add(snapshotOf(second), none, ORIGIN_NS);
  }
  const starts = all.map((series) => series.result().map(({ startSeconds }) => startSeconds));
  for (const each of starts) assert.equal(each, starts[0]);
  assert.is(room.seconds, 2);
  assert.is(starts[0]!.length, 50);
});

test("the rest of a second at the end of a phase belongs to the interval before it", () => {
  const intervals = new SeriesIntervals(1, new IntervalBudget());
  const ends: [phaseId: number, second: number, lengthMs: number][] = [
    ...([0, 1].map((second) => [0, second, 1_000]) as [number, number, number][]),
    [0, 2, 1.7],
    [1, 0, 1_000],
    [1, 1, 700],
    // The only interval of its phase.
    [2, 0, 3],
  ];
  let fromNs = ORIGIN_NS;
  for (const [phaseId, interval, lengthMs] of ends) {
    const toNs = fromNs + lengthMs * MS;
    const snapshot = { ...snapshotOf(interval, phaseId), fromNs, toNs };
    intervals.add(snapshot, recordedOf([5]), ORIGIN_NS);
    fromNs = toNs;
  }
  const kept = intervals.result();
  assert.equal(
    kept.map(({ durationSeconds, succeeded }) => [durationSeconds, succeeded]),
    [
      [1, 1],
      [1.0017, 2],
      [1, 1],
      [0.7, 1],
      [0.003, 1],
    ],
  );
  assert.equal(intervals.result(), kept, "asked again it is the same");
});

test.run();
