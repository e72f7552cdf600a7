/** Requests due on a lost agent are dropped: reported and dropped ones add up to those due. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WorkerAccount } from "../../../src/agents/lost-work.ts";
import type { Second } from "../../../src/agents/protocol.ts";
import type { PhaseCommand, SnapshotMessage, WorkerSetup } from "../../../src/load/messages.ts";
import { arrivalsOf } from "../../../src/load/pacing/arrivals.ts";
import { Recorder } from "../../../src/load/recording/recorder.ts";
import { splitLoad } from "../../../src/plan/shares.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { MissingTimes } from "../../../src/stats/missing-times.ts";

await initHistograms();

const START_NS = 5e9;
const [, SECOND_OF_TWO] = splitLoad({ connections: 2, clients: 5, workers: 2 }, ["a:1"]);
const SETUP = {
  ...{ share: SECOND_OF_TWO!, operations: [{ kind: "put", series: ["put", "part"] }] },
  ...{ pacing: { arrival: "constant" }, load: { seed: 7 } },
} as unknown as WorkerSetup;

function phase(limits: Partial<PhaseCommand>): PhaseCommand {
  return {
    ...{ type: "phase", id: 3, operation: 0, startNs: START_NS, isMeasured: true },
    ...{ requests: null, durationMs: null, ratePerSec: null, ...limits },
  };
}

/** The worker reported `succeeded` successes in its first second. */
function reported(succeeded: number): Second {
  const recorder = new Recorder();
  if (succeeded > 0) recorder.succeeded(1e6, succeeded);
  const snapshot: SnapshotMessage = {
    ...{ type: "snapshot", phaseId: 3, interval: 0, fromNs: START_NS, toNs: START_NS + 1e9 },
    readyConnections: 1,
    progress: { answered: succeeded, unanswered: 0, lastFailure: "" },
    sending: { due: succeeded, started: succeeded, busyFraction: 0.5 },
  };
  return { snapshot, recorded: [recorder.takeSnapshot(), new Recorder().takeSnapshot()] };
}

test("the rest of a schedule is dropped until its end, and may have been answered at once", () => {
  const account = new WorkerAccount(SETUP, phase({ ratePerSec: 100, durationMs: 10_000 }));
  account.add(reported(40));
  const { done, seconds } = account.end(START_NS + 10e9);
  // Clients 1 and 3 of 5 have 2 of 5 requests of 1,000.
  assert.equal([done.started, done.dropped, done.unreported], [40, 360, 360]);
  assert.is(done.workerIndex, 1);
  assert.equal(
    seconds.map(({ snapshot: { interval, fromNs, toNs } }) => [interval, fromNs, toNs]),
    Array.from({ length: 9 }, (_, at) => [
      at + 1,
      START_NS + (at + 1) * 1e9,
      START_NS + (at + 2) * 1e9,
    ]),
  );
  const last = seconds.at(-1);
  const missing = new MissingTimes();
  missing.add(last!.recorded[0]!.missing!);
  assert.is(missing.responseTime.count, 360);
  assert.ok(missing.responseTime.maxNs <= 1);
  missing.destroy();
});

test("what is missing may be of any part, and of what an operation causes as often as it can be", () => {
  const countsOf = (mostEffects?: number) => {
    const [operation] = SETUP.operations;
    const operations = [{ ...operation!, mostEffects, apart: [{ endpoint: "a:1", member: null }] }];
    const account = new WorkerAccount(
      { ...SETUP, operations } as WorkerSetup,
      phase({ ratePerSec: 100, durationMs: 10_000 }),
    );
    const first = reported(40);
    first.recorded.push(new Recorder().takeSnapshot());
    account.add(first);
    return account
      .end(START_NS + 10e9)
      .seconds.at(-1)!
      .recorded.map(({ missing }) => {
        const times = new MissingTimes();
        if (missing !== null) times.add(missing);
        const { count } = times.responseTime;
        times.destroy();
        return count;
      });
  };
  assert.equal(countsOf(), [360, 360, 0]);
  assert.equal(countsOf(3), [360, (360 + 40) * 3, 0], "with those of the last second");
});

test("of random arrivals those of the seeded schedule are dropped", () => {
  const setup: WorkerSetup = { ...SETUP, pacing: { ...SETUP.pacing, arrival: "poisson" } };
  const limits = phase({ ratePerSec: 100, durationMs: 10_000 });
  const arrivals = arrivalsOf(limits, setup, START_NS)!;
  let due = 0;
  for (; arrivals.dueNs < START_NS + 10e9; due++) arrivals.advance();
  const account = new WorkerAccount(setup, limits);
  account.add(reported(40));
  assert.is(account.end(START_NS + 10e9).done.dropped, due - 40);
  assert.is.not(due, 400, "the seed has another count than the rate");
});

test("after a run is stopped, nothing is due", () => {
  const account = new WorkerAccount(SETUP, phase({ ratePerSec: 100, durationMs: 10_000 }));
  account.add(reported(40));
  assert.is(account.end(START_NS + 1e9, START_NS + 1e9).done.dropped, 0);
});

test("in a closed loop the worker's share of a total is dropped; without a total nothing is due", () => {
  const total = new WorkerAccount(SETUP, phase({ requests: 2_001 }));
  total.add(reported(300));
  const { done, seconds } = total.end(START_NS + 3e9);
  assert.is(done.dropped, 500);
  const missing = new MissingTimes();
  missing.add(seconds.at(-1)!.recorded[0]!.missing!);
  assert.equal([missing.serviceTime.count, missing.responseTime.count], [500, 0]);
  missing.destroy();
  const timed = new WorkerAccount(SETUP, phase({ durationMs: 10_000 }));
  timed.add(reported(300));
  assert.is(timed.end(START_NS + 10e9).done.dropped, 0);
});

test("a lost worker gets an empty second for each second of the others", () => {
  const account = new WorkerAccount(SETUP, phase({ ratePerSec: 100, durationMs: 10_000 }));
  const { snapshot } = reported(0);
  account.add(reported(40));
  const seconds = account.emptySeconds({ ...snapshot, interval: 3, toNs: START_NS + 4.5e9 });
  assert.equal(
    seconds.map(({ snapshot: each }) => [each.interval, each.fromNs, each.toNs]),
    [
      [1, START_NS + 1e9, START_NS + 2e9],
      [2, START_NS + 2e9, START_NS + 3e9],
      [3, START_NS + 3e9, START_NS + 4.5e9],
    ],
  );
  const { done } = account.end(START_NS + 9e9);
  assert.is(done.lastSendNs, START_NS + 1e9, "what it sent last is in its last report");
  assert.ok(seconds.every(({ recorded }) => recorded.length === 2 && recorded[0]!.succeeded === 0));
  assert.equal(account.emptySeconds({ ...snapshot, interval: 3 }), []);
});

test("a phase that is not measured has no records", () => {
  const account = new WorkerAccount(SETUP, phase({ requests: 10, isMeasured: false }));
  const { seconds, done } = account.end(START_NS + 1e9);
  assert.equal(seconds, []);
  assert.equal(done.unmeasured, { succeeded: 0, failed: 0, errors: [] });
});

test.run();
