/** Tests that the client's CPU percentage covers the time in which it sent. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sharedNowNs } from "../../../src/clock.ts";
import type { PhaseDoneMessage } from "../../../src/load/messages.ts";
import { ClientWatch } from "../../../src/run/client-watch.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";

test.before(initHistograms);

function doneAt(lastEndNs: number): PhaseDoneMessage {
  return {
    ...({ type: "phase-done", phaseId: 1, workerIndex: 0, started: 100, dropped: 0 } as const),
    ...{ lastEndNs, lastSendNs: lastEndNs, busyFraction: 0.1, cpuWaitFraction: null },
    ...{
      eventLoopDelayP50Ms: 0,
      eventLoopDelayP99Ms: 0,
      lastDueNs: lastEndNs,
      unmeasured: null,
      carried: null,
    },
  };
}

/** Of a slice that began 16 s ago, in which the client used 1 s of CPU. */
function figuresOf(endsAfterNs: readonly number[], durationMs: number | null) {
  const pool = { cpuMicros: 0, rssBytes: 1 };
  const watch = new ClientWatch(pool);
  try {
    const startNs = sharedNowNs() - 16e9;
    watch.begin(startNs);
    pool.cpuMicros = 1e6;
    watch.end(
      endsAfterNs.map((ns) => doneAt(startNs + ns)),
      ["put"],
      durationMs,
    );
    return watch.result(planFixture().load, 2, 100, startNs);
  } finally {
    watch.destroy();
  }
}

function near(percent: number | null, expected: number): void {
  assert.ok(Math.abs(percent! - expected) < 0.01, String(percent));
}

test("the client's CPU percentage is over the time of the schedule, of which the last answer may be early", () => {
  near(figuresOf([1e6], 4_000).cpuPercent, 25);
});

test("the time of the client's CPU percentage includes no wait for a lost agent, nor for the start", () => {
  const { cpuSeconds, cpuPercent } = figuresOf([1e9, 2e9], null);
  assert.is(cpuSeconds, 1);
  near(cpuPercent, 50);
});

test("a short slice says nothing of how late the workers were in the long one, and each of two equal ones does", () => {
  const latestOf = (slices: readonly [lastedMs: number, delayMs: number][]) => {
    const watch = new ClientWatch({ cpuMicros: 0, rssBytes: 1 });
    try {
      const originNs = sharedNowNs() - 60e9;
      let startNs = originNs;
      for (const [lastedMs, delayMs] of slices) {
        watch.begin(startNs);
        const late = { eventLoopDelayP50Ms: delayMs, eventLoopDelayP99Ms: delayMs };
        const busy = { busyFraction: delayMs / 10, cpuWaitFraction: delayMs / 100 };
        watch.end([{ ...doneAt(startNs + lastedMs * 1e6), ...late, ...busy }], ["put"]);
        startNs += lastedMs * 1e6;
      }
      const result = watch.result(planFixture().load, 1, 100, originNs);
      const { eventLoopDelayP50Ms, eventLoopDelayP99Ms, busyPercentMax, cpuWaitPercentMax } =
        result;
      return [eventLoopDelayP50Ms, eventLoopDelayP99Ms, busyPercentMax, cpuWaitPercentMax];
    } finally {
      watch.destroy();
    }
  };
  assert.equal(
    latestOf([
      [10, 9],
      [2_500, 1],
    ]),
    [1, 1, 10, 1],
  );
  assert.equal(
    latestOf([
      [2_500, 1],
      [2_500, 2],
    ]),
    [2, 2, 20, 2],
  );
  assert.equal(
    latestOf([
      [3_000, 4],
      [2_500, 1],
    ]),
    [4, 4, 40, 4],
    "watches that took long to open",
  );
  assert.equal(latestOf([[10, 9]]), [9, 9, 90, 9]);
  assert.equal(latestOf([]), [null, null, null, null]);
});

test.run();
