/** When a phase that no time ends is given up, and what the person is told. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DeadTarget, type PhasePurpose } from "../../../src/run/dead-target.ts";
import type { PhaseOrder } from "../../../src/run/phase-runner.ts";

const START_NS = 5e9;

function order(limits: Partial<PhaseOrder>): PhaseOrder {
  const phase = { operation: 0, requests: 10, durationMs: null, ratePerSec: null };
  return { ...phase, isMeasured: true, ...limits };
}

/** Reasons of snapshots that come each second, with so many connections ready in each. */
function reasons(
  phase: PhaseOrder,
  purpose: PhasePurpose,
  ready: readonly number[],
): (string | null)[] {
  const target = new DeadTarget();
  target.watch(phase, purpose, START_NS);
  return ready.map((readyConnections, second) =>
    target.reasonToGiveUp({ toNs: START_NS + (second + 1) * 1e9, readyConnections }),
  );
}

const none = (seconds: number) => new Array<number>(seconds).fill(0);
const told = (all: (string | null)[]) => all.flatMap((each, at) => (each === null ? [] : [at + 1]));

test("ten seconds without a connection are borne, and then it is given up, once", () => {
  const all = reasons(order({}), "load", none(30));
  assert.equal(told(all), [11]);
  assert.is(
    all[10],
    "no connection has been up for 10 s: the run gave up before its total (with --duration it would " +
      "go on to its end)",
  );
});

test("one connection that is up, of any worker, begins the wait anew", () => {
  assert.equal(told(reasons(order({}), "load", [...none(9), 1, ...none(30)])), [21]);
});

test("a phase that time ends is left to it", () => {
  for (const purpose of ["load", "warm-up"] as const) {
    assert.equal(told(reasons(order({ durationMs: 60_000 }), purpose, none(60))), []);
  }
});

test("a set-up has no time of its own, and is given up whatever --duration says", () => {
  const all = reasons(order({}), "set-up", none(11));
  assert.match(all[10]!, /^no connection has been up for 10 s: the run gave up before its set-up/);
  assert.not.match(all[10]!, /--duration/);
});

test("a warm-up of so many requests is given up, and so is a run that ends by itself", () => {
  assert.match(reasons(order({}), "warm-up", none(11))[10]!, /in its warm-up .*--warmup/);
  assert.match(
    reasons(order({ requests: null }), "load", none(11))[10]!,
    /gave up before its end$/,
  );
});

test("each phase is watched for itself", () => {
  const target = new DeadTarget();
  const at = (second: number) =>
    target.reasonToGiveUp({ toNs: START_NS + second * 1e9, readyConnections: 0 });
  target.watch(order({}), "set-up", START_NS);
  assert.is(at(10), null);
  target.watch(order({}), "load", START_NS + 10e9);
  assert.is(at(20), null);
  assert.match(at(21)!, /before its total/);
});

test.run();
