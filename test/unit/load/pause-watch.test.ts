/** Detects pauses of a thread, on a clock that the test controls. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Pause, PauseWatch } from "../../../src/load/pause-watch.ts";

const MS = 1e6;
const TICK_MS = 20;

class Rig {
  nowNs = 1_000 * MS;
  ranNs = 5 * MS;
  waitedNs: number | null = 7 * MS;
  readonly pauses: Pause[] = [];
  readonly watch = new PauseWatch({
    onPause: (pause) => this.pauses.push(pause),
    nowNs: () => this.nowNs,
    cpu: () => ({ ranNs: this.ranNs, waitedNs: this.waitedNs }),
  });

  /** The next tick comes after `ms`, and the thread ran for `ranMs` of that time. */
  tickAfter(ms: number, ranMs = 0): void {
    this.nowNs += ms * MS;
    this.ranNs += ranMs * MS;
    this.watch.tick();
  }
}

test("ticks that are a little late are not a pause", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  for (const lateMs of [0, 1, 10, 30, 49, 0]) rig.tickAfter(TICK_MS + lateMs);
  rig.watch.stop();
  assert.equal(rig.pauses, []);
});

test("a stopped process is a pause that starts at the last tick and lasts as long as the next was late", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  rig.tickAfter(TICK_MS);
  const seenNs = rig.nowNs;
  rig.tickAfter(TICK_MS + 2_000, 1);
  rig.tickAfter(TICK_MS);
  rig.watch.stop();
  assert.equal(rig.pauses, [{ startNs: seenNs, durationNs: 2_000 * MS, cause: "not-run" }]);
});

test("a long turn of the loop has the cause busy, or garbage collection if that took most of it", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  rig.tickAfter(TICK_MS + 100, 90);
  rig.tickAfter(TICK_MS);
  rig.tickAfter(TICK_MS + 100, 110);
  // Node reports a collection after the turn in which it ran.
  rig.watch.collected(80 * MS);
  rig.tickAfter(TICK_MS);
  rig.tickAfter(TICK_MS + 60, 70);
  rig.tickAfter(TICK_MS);
  assert.equal(
    rig.pauses.map(({ cause }) => cause),
    ["busy", "garbage-collection", "busy"],
  );
});

test("a pause that lasts to the end is reported at the end, and time before the start does not count", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs + 500 * MS);
  rig.tickAfter(480);
  rig.tickAfter(TICK_MS);
  rig.nowNs += 300 * MS;
  rig.watch.stop();
  assert.is(rig.pauses.length, 1);
  assert.is(rig.pauses[0]!.durationNs, 280 * MS);
});

test("the time without a CPU is a fraction of the time since the start, or null if unknown", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  rig.nowNs += 100 * MS;
  rig.waitedNs = 32 * MS;
  assert.is(rig.watch.stop(), 0.25);
  rig.waitedNs = null;
  assert.is(rig.watch.stop(), null);
});

test.run();
