/** Sends a second's snapshot in small steps; each sample is sent exactly once. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Recorder, type RecorderSnapshot } from "../../../../src/load/recording/recorder.ts";
import {
  SnapshotSender,
  type SnapshotSpan,
} from "../../../../src/load/recording/snapshot-sender.ts";
import { initHistograms, LatencyHistogram } from "../../../../src/stats/histogram.ts";
import { cases } from "../../../harness/whole-run.ts";

test.before(initHistograms);

const START_NS = 5e9;

/** A sender over real recorders, with simulated turns and its own clock. */
class Rig {
  nowNs = START_NS;
  readonly series: RecorderSnapshot[] = [];
  readonly spans: SnapshotSpan[] = [];
  readonly recorders: Recorder[];
  readonly sender: SnapshotSender;
  #turns: (() => void)[] = [];

  constructor(series: number) {
    this.recorders = Array.from({ length: series }, () => new Recorder());
    this.sender = new SnapshotSender({
      recorders: this.recorders,
      startNs: START_NS,
      sharedNowNs: () => this.nowNs,
      onSeries: (recorded) => this.series.push(recorded),
      onSnapshot: (span) => this.spans.push(span),
      inNextTurn: (step) => this.#turns.push(step),
    });
  }

  /** Runs one turn, and returns whether there was anything to do. */
  turn(): boolean {
    const steps = this.#turns;
    this.#turns = [];
    for (const step of steps) step();
    return steps.length > 0;
  }
}

function encodedIn(recorded: readonly RecorderSnapshot[]): number {
  return recorded
    .flatMap(({ serviceTime, responseTime, failedTime, dispatchLag }) => [
      serviceTime,
      responseTime,
      failedTime,
      dispatchLag,
    ])
    .filter((encoded) => encoded !== null).length;
}

function countOf(encoded: Uint8Array | null): number {
  if (encoded === null) return 0;
  const histogram = new LatencyHistogram();
  histogram.addEncoded(encoded);
  const { count } = histogram;
  histogram.destroy();
  return count;
}

test("24 full series are sent with at most one histogram in a turn of the event loop", () => {
  const rig = new Rig(24);
  for (const recorder of rig.recorders) {
    recorder.succeededPaced(1_000, 2_000);
    recorder.dispatched(10);
  }
  rig.sender.cut();
  // Ending a second encodes nothing; later samples belong to the next second.
  assert.is(rig.series.length, 0);
  for (const recorder of rig.recorders) recorder.succeeded(3_000);
  let turns = 0;
  let seen = 0;
  while (rig.turn()) {
    turns += 1;
    const sent = encodedIn(rig.series);
    assert.ok(sent - seen <= 3, `${sent - seen} histograms were sent in one turn`);
    seen = sent;
  }
  assert.is(turns, 24 * 3 + 24 + 1);
  assert.is(rig.series.length, 24);
  assert.equal(rig.spans, [{ interval: 0, fromNs: START_NS, toNs: START_NS }]);
  for (const { succeeded, serviceTime } of rig.series) {
    assert.equal([succeeded, countOf(serviceTime)], [1, 1]);
  }
});

test("a second that is not completely sent when the next one ends is sent first, as a whole", () => {
  const rig = new Rig(2);
  for (const recorder of rig.recorders) recorder.succeeded(1_000);
  rig.nowNs += 1e9;
  rig.sender.cut();
  rig.turn();
  rig.nowNs += 1e9;
  rig.recorders[1]!.succeeded(1_000, 5);
  rig.sender.cut();
  assert.is(rig.spans.length, 1);
  rig.nowNs += 1e8;
  rig.sender.end();
  assert.equal(
    rig.series.map(({ succeeded }) => succeeded),
    [1, 1, 0, 5, 0, 0],
  );
  assert.equal(
    rig.spans.map(({ interval, fromNs, toNs }) => [interval, fromNs - START_NS, toNs - START_NS]),
    [
      [0, 0, 1e9],
      [1, 1e9, 2e9],
      [2, 2e9, 2.1e9],
    ],
  );
  while (rig.turn());
  assert.is(rig.spans.length, 3);
});

test("each sample is sent once, for any order of samples, turns and seconds", () => {
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.nat(2) },
    fc.constantFrom("turn" as const, "cut" as const),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 50 }), (actions) => {
      const rig = new Rig(3);
      const recorded = [0, 0, 0];
      for (const each of actions) {
        if (each === "turn") rig.turn();
        else if (each === "cut") rig.sender.cut();
        else {
          rig.recorders[each]!.succeededPaced(1_000, 2_000, each === 1);
          recorded[each]! += 1;
        }
      }
      rig.sender.end();
      const sums = [0, 0, 0];
      for (const [at, { serviceTime, responseTime, succeeded }] of rig.series.entries()) {
        assert.equal([countOf(serviceTime), countOf(responseTime)], [succeeded, succeeded]);
        sums[at % 3]! += succeeded;
      }
      assert.equal(sums, recorded);
      assert.equal(
        rig.spans.map(({ interval }) => interval),
        rig.spans.map((_, at) => at),
      );
    }),
    { numRuns: cases(60) },
  );
});

test.run();
