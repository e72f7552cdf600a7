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
    ...{ eventLoopDelayP50Ms: 0, eventLoopDelayP99Ms: 0, lastDueNs: lastEndNs, unmeasured: null },
  };
}

test("the client's CPU percentage is over the time of the schedule, of which the last answer may be early", () => {
  const pool = { cpuMicros: 0, rssBytes: 1 };
  const watch = new ClientWatch(pool);
  try {
    const startNs = sharedNowNs() - 16e9;
    watch.begin(startNs);
    pool.cpuMicros = 1e6;
    watch.end([doneAt(startNs + 1e6)], 4_000);
    const { cpuPercent } = watch.result(planFixture().load, 1, 1, startNs);
    assert.ok(Math.abs(cpuPercent! - 25) < 0.01, String(cpuPercent));
  } finally {
    watch.destroy();
  }
});

test("the time of the client's CPU percentage includes no wait for a lost agent, nor for the start", () => {
  const pool = { cpuMicros: 0, rssBytes: 1 };
  const watch = new ClientWatch(pool);
  try {
    // The run began 16 s ago, and the last answer came after 2 s.
    const startNs = sharedNowNs() - 16e9;
    watch.begin(startNs);
    pool.cpuMicros = 1e6;
    watch.end([doneAt(startNs + 1e9), doneAt(startNs + 2e9)]);
    const { cpuSeconds, cpuPercent } = watch.result(planFixture().load, 2, 100, startNs);
    assert.is(cpuSeconds, 1);
    assert.ok(Math.abs(cpuPercent! - 50) < 0.01, String(cpuPercent));
  } finally {
    watch.destroy();
  }
});

test.run();
