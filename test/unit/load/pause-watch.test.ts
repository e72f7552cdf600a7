/** A thread's pauses, on a clock that the test turns. */
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

  /** The next tick comes after `ms`, of which the thread ran `ranMs`. */
  tickAfter(ms: number, ranMs = 0): void {
    this.nowNs += ms * MS;
    this.ranNs += ranMs * MS;
    this.watch.tick();
  }
}

test("ticks that are a little late are no pause", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  for (const lateMs of [0, 1, 10, 30, 49, 0]) rig.tickAfter(TICK_MS + lateMs);
  rig.watch.stop();
  assert.equal(rig.pauses, []);
});

test("a stopped process is a pause from when it was last seen, by as much as its tick was late", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  rig.tickAfter(TICK_MS);
  const seenNs = rig.nowNs;
  rig.tickAfter(TICK_MS + 2_000, 1);
  rig.tickAfter(TICK_MS);
  rig.watch.stop();
  assert.equal(rig.pauses, [{ startNs: seenNs, durationNs: 2_000 * MS, cause: "not-run" }]);
});

test("a long turn of the loop is busy, and garbage is told where it took most of it", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  rig.tickAfter(TICK_MS + 100, 90);
  rig.tickAfter(TICK_MS);
  rig.tickAfter(TICK_MS + 100, 110);
  // Reported after the turn in which it happened.
  rig.watch.collected(80 * MS);
  rig.tickAfter(TICK_MS);
  rig.tickAfter(TICK_MS + 60, 70);
  rig.tickAfter(TICK_MS);
  assert.equal(
    rig.pauses.map(({ cause }) => cause),
    ["busy", "garbage-collection", "busy"],
  );
});

test("a pause that lasts to the end is told at the end, and one before the start is none", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs + 500 * MS);
  rig.tickAfter(480);
  rig.tickAfter(TICK_MS);
  rig.nowNs += 300 * MS;
  rig.watch.stop();
  assert.is(rig.pauses.length, 1);
  assert.is(rig.pauses[0]!.durationNs, 280 * MS);
});

test("the time without a CPU is a share of the time since the start; unknown stays unknown", () => {
  const rig = new Rig();
  rig.watch.begin(rig.nowNs);
  rig.nowNs += 100 * MS;
  rig.waitedNs = 32 * MS;
  assert.is(rig.watch.stop(), 0.25);
  rig.waitedNs = null;
  assert.is(rig.watch.stop(), null);
});

test.run();
