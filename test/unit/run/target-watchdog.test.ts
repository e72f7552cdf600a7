/** Tests when a phase without a time limit is given up, and the message. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Progress } from "../../../src/load/messages.ts";
import type { PhaseOrder } from "../../../src/run/phase-runner.ts";
import { type PhasePurpose, TargetWatchdog } from "../../../src/run/target-watchdog.ts";

const START_NS = 5e9;
const IDLE: Progress = { answered: 0, unanswered: 0, lastFailure: "" };

function order(limits: Partial<PhaseOrder>): PhaseOrder {
  const phase = { operation: 0, requests: 10, durationMs: null, ratePerSec: null };
  return { ...phase, isMeasured: true, ...limits };
}

/** The reason to give up at each second's snapshot, with `ready` connections in each. */
function reasons(
  phase: PhaseOrder,
  purpose: PhasePurpose,
  ready: readonly number[],
): (string | null)[] {
  const target = new TargetWatchdog(1_000);
  target.watch(phase, purpose, START_NS);
  return ready.map((readyConnections, second) =>
    target.reasonToGiveUp({
      toNs: START_NS + (second + 1) * 1e9,
      readyConnections,
      progress: IDLE,
    }),
  );
}

const none = (seconds: number) => new Array<number>(seconds).fill(0);
const secondsWithReason = (all: (string | null)[]) =>
  all.flatMap((each, at) => (each === null ? [] : [at + 1]));

test("after ten seconds without a connection the phase is given up, once", () => {
  const all = reasons(order({}), "load", none(30));
  assert.equal(secondsWithReason(all), [11]);
  assert.is(
    all[10],
    "no connection has been up for 10 s: the run gave up before its total (with --duration it would " +
      "go on to its end)",
  );
});

test("one ready connection of any worker restarts the wait", () => {
  assert.equal(secondsWithReason(reasons(order({}), "load", [...none(9), 1, ...none(30)])), [21]);
});

test("a phase with a time limit is not given up", () => {
  for (const purpose of ["load", "warm-up"] as const) {
    assert.equal(secondsWithReason(reasons(order({ durationMs: 60_000 }), purpose, none(60))), []);
  }
});

test("a set-up has no time limit, and is given up for any --duration", () => {
  const all = reasons(order({}), "set-up", none(11));
  assert.match(all[10]!, /^no connection has been up for 10 s: the run gave up before its set-up/);
  assert.not.match(all[10]!, /--duration/);
});

test("a warm-up with a number of requests is given up, and so is a run that ends by itself", () => {
  assert.match(reasons(order({}), "warm-up", none(11))[10]!, /in its warm-up .*--warmup/);
  assert.match(
    reasons(order({ requests: null }), "load", none(11))[10]!,
    /gave up before its end$/,
  );
});

test("each phase has its own wait", () => {
  const target = new TargetWatchdog(1_000);
  const at = (second: number) =>
    target.reasonToGiveUp({
      toNs: START_NS + second * 1e9,
      readyConnections: 0,
      progress: IDLE,
    });
  target.watch(order({}), "set-up", START_NS);
  assert.is(at(10), null);
  target.watch(order({}), "load", START_NS + 10e9);
  assert.is(at(20), null);
  assert.match(at(21)!, /before its total/);
});

/** The reason to give up at each second's snapshot, with one connection ready. */
function reasonsOf(
  timeoutMs: number,
  phase: PhaseOrder,
  seconds: readonly Partial<Progress>[],
): (string | null)[] {
  const target = new TargetWatchdog(timeoutMs);
  target.watch(phase, "load", START_NS);
  return seconds.map((progress, second) =>
    target.reasonToGiveUp({
      toNs: START_NS + (second + 1) * 1e9,
      readyConnections: 1,
      progress: { ...IDLE, ...progress },
    }),
  );
}

const FAILED = { unanswered: 2, lastFailure: "no answer within the timeout" };
const times = (count: number, each: Partial<Progress>) => new Array(count).fill(each);

test("a phase without a time limit is given up after three timeouts, at least ten seconds, unanswered", () => {
  assert.equal(secondsWithReason(reasonsOf(1_000, order({}), times(30, FAILED))), [11]);
  const all = reasonsOf(10_000, order({}), times(60, FAILED));
  assert.equal(secondsWithReason(all), [31]);
  assert.is(
    all[30],
    "no request was answered for 31 s, in which 62 failed (the last: no answer within the timeout): " +
      "the run gave up before its total (with --duration it would go on to its end)",
  );
});

test("an answer to any worker, also an error, restarts the wait", () => {
  const seconds = [...times(9, FAILED), { answered: 1 }, ...times(30, FAILED)];
  assert.equal(secondsWithReason(reasonsOf(1_000, order({}), seconds)), [21]);
});

test("a target is not dead if no request failed, or if the phase has a time limit", () => {
  assert.equal(secondsWithReason(reasonsOf(1_000, order({}), times(100, {}))), []);
  assert.equal(
    secondsWithReason(reasonsOf(1_000, order({ durationMs: 1e6 }), times(100, FAILED))),
    [],
  );
});

test.run();
