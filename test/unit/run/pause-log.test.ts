/** Tests how pauses of several threads become one list, totals, and marks in the intervals. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PauseCause } from "../../../src/load/pause-watch.ts";
import { markPauses, PauseLog } from "../../../src/run/pause-log.ts";
import { operationFixture } from "../../fixtures/result-fixture.ts";

const ORIGIN_NS = 50e9;

function pause(startSeconds: number, durationMs: number, cause: PauseCause = "not-run") {
  return { startNs: ORIGIN_NS + startSeconds * 1e9, durationNs: durationMs * 1e6, cause };
}

test("pauses of several threads at the same time are one pause, with the cause of the longest", () => {
  const log = new PauseLog();
  log.add(pause(1, 2_000), 0);
  log.add(pause(5, 100, "busy"), 1);
  log.add(pause(1.01, 1_990, "busy"), 1);
  log.add(pause(1.005, 1_980), null);
  assert.equal(log.result(ORIGIN_NS, 10), {
    count: 2,
    totalMs: 2_100,
    longestMs: 2_000,
    percent: 21,
    mainThreadCount: 0,
    mainThreadTotalMs: 0,
    longest: [
      { startSeconds: 1, durationMs: 2_000, workers: 2, isOfMainThread: true, cause: "not-run" },
      { startSeconds: 5, durationMs: 100, workers: 1, isOfMainThread: false, cause: "busy" },
    ],
  });
});

test("a pause names the agents of its workers", () => {
  const log = new PauseLog();
  log.add(pause(1, 200), 0, "m1");
  log.add(pause(1.1, 50), 1, "m2");
  log.add(pause(3, 50), 2, "m1");
  assert.equal(
    log.result(ORIGIN_NS, 10).longest.map(({ agents }) => agents),
    [["m2", "m1"], ["m1"]],
  );
});

test("a pause of only the main thread is listed, but not counted as a pause of the load", () => {
  const log = new PauseLog();
  log.add(pause(1, 300, "garbage-collection"), null);
  const result = log.result(ORIGIN_NS, 10);
  assert.equal(
    [
      result.count,
      result.totalMs,
      result.percent,
      result.mainThreadCount,
      result.mainThreadTotalMs,
    ],
    [0, 0, 0, 1, 300],
  );
  assert.is(result.longest[0]!.workers, 0);
});

test("a pause of the main thread does not lengthen a pause of workers at the same time", () => {
  for (const isMainFirst of [true, false]) {
    const log = new PauseLog();
    const ofMain = () => log.add(pause(-0.4, 1_000, "garbage-collection"), null);
    if (isMainFirst) ofMain();
    log.add(pause(0, 60), 0);
    log.add(pause(0.5, 70, "busy"), 1);
    if (!isMainFirst) ofMain();
    const { count, totalMs, longestMs, longest } = log.result(ORIGIN_NS, 10);
    assert.equal([count, totalMs, longestMs], [2, 130, 70]);
    assert.equal(
      longest.map(({ startSeconds, cause }) => [startSeconds, cause]),
      [
        [0, "not-run"],
        [0.5, "busy"],
      ],
    );
  }
});

test("of many pauses the longest are listed, and all are counted", () => {
  const log = new PauseLog();
  for (let at = 0; at < 10_000; at++) log.add(pause(at, at === 7 ? 900 : 50), 0);
  const { count, totalMs, longestMs, longest } = log.result(ORIGIN_NS, 10_000);
  assert.equal([count, totalMs, longestMs], [10_000, 9_999 * 50 + 900, 900]);
  assert.is(longest.length, 100);
  assert.ok(longest.some(({ startSeconds }) => startSeconds === 7));
});

test("each interval records how long the client paused in it", () => {
  const log = new PauseLog();
  log.add(pause(0.75, 1_500), 0);
  log.add(pause(3.5, 200), null);
  const base = operationFixture().intervals[0]!;
  const intervals = [0, 1, 2, 3].map((startSeconds) => ({ ...base, startSeconds }));
  const operation = operationFixture({ intervals });
  markPauses([operation], log.result(ORIGIN_NS, 4));
  assert.equal(
    operation.intervals.map(({ clientPausedMs }) => clientPausedMs),
    [250, 1_000, 250, undefined],
  );
});

test.run();
