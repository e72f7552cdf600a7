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

test.run();
