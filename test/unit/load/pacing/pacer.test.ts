/** How a worker waits for the next due time, under a clock that the test controls. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Pacer, type WaitStrategy } from "../../../../src/load/pacing/pacer.ts";
import { VirtualTime } from "../../../harness/virtual-time.ts";

const STRATEGIES: WaitStrategy[] = ["nap", "spin", "timer"];

/** A schedule of `count` due times, one every `periodMs`; a tick takes all that are due. */
class Schedule {
  readonly dueNs: number[];
  /** When each due time was taken, in order. */
  readonly takenNs: number[] = [];
  ticks = 0;

  constructor(time: VirtualTime, periodMs: number, count: number) {
    this.dueNs = Array.from({ length: count }, (_, n) => time.nowNs + n * periodMs * 1e6);
  }

  readonly tick = (nowNs: number): number => {
    this.ticks += 1;
    while (this.takenNs.length < this.dueNs.length) {
      const dueNs = this.dueNs[this.takenNs.length]!;
      if (dueNs > nowNs) return dueNs;
      this.takenNs.push(nowNs);
    }
    return Number.POSITIVE_INFINITY;
  };

  get isDone(): boolean {
    return this.takenNs.length === this.dueNs.length;
  }

  get lagsMs(): number[] {
    return this.takenNs.map((takenNs, n) => (takenNs - this.dueNs[n]!) / 1e6);
  }
}

const LAG_MS: Record<WaitStrategy, number> = { nap: 0.01, spin: 0.01, timer: 1.1 };

for (const strategy of STRATEGIES) {
  for (const periodMs of [0.05, 0.3, 1, 3, 40]) {
    test(`${strategy} takes every due time of a ${periodMs} ms period, and none early`, async () => {
      await VirtualTime.during(async (time) => {
        // With spinning, each microsecond is a turn.
        const schedule = new Schedule(time, periodMs, periodMs < 1 ? 60 : periodMs < 40 ? 8 : 3);
        const pacer = new Pacer(strategy, schedule.tick, () => true);
        pacer.start();
        assert.ok(await time.until(() => schedule.isDone));
        for (const lagMs of schedule.lagsMs) {
          assert.ok(lagMs >= 0 && lagMs <= LAG_MS[strategy], `${lagMs} ms late`);
        }
        // No more waiting: neither a timer nor an immediate is left.
        await time.pass(100);
        assert.equal([time.pendingTimers, time.pendingImmediates], [0, 0]);
      });
    });
  }

  test(`${strategy} catches up with due times that passed while the thread was blocked`, async () => {
    await VirtualTime.during(async (time) => {
      const schedule = new Schedule(time, 1, 500);
      let isHeld = false;
      const pacer = new Pacer(
        strategy,
        (nowNs) => {
          if (!isHeld && schedule.takenNs.length === 10) {
            isHeld = true;
            time.nowMs += 400;
          }
          return schedule.tick(nowNs);
        },
        () => true,
      );
      pacer.start();
      assert.ok(await time.until(() => schedule.isDone));
      assert.is(schedule.takenNs.length, 500);
      // The schedule itself is not delayed.
      assert.ok(schedule.lagsMs.at(-1)! <= LAG_MS[strategy]);
    });
  });

  test(`${strategy} does nothing between a due time of Infinity and wake`, async () => {
    await VirtualTime.during(async (time) => {
      let ticks = 0;
      const pacer = new Pacer(
        strategy,
        () => {
          ticks += 1;
          return Number.POSITIVE_INFINITY;
        },
        () => true,
      );
      pacer.start();
      await time.pass(1_000);
      assert.is(ticks, 1);
      pacer.wake();
      pacer.wake();
      await time.pass(1_000);
      assert.is(ticks, 2);
    });
  });

  test(`${strategy} ticks at once when woken while it waits`, async () => {
    await VirtualTime.during(async (time) => {
      const ticks: number[] = [];
      const farNs = time.nowNs + 10_000e6;
      const pacer = new Pacer(
        strategy,
        (nowNs) => {
          ticks.push(nowNs);
          return farNs;
        },
        () => true,
      );
      pacer.start();
      await time.pass(10);
      const before = ticks.length;
      const wokenNs = time.nowNs;
      pacer.wake();
      await time.pass(0.002);
      assert.ok(ticks.length > before);
      assert.ok(ticks[before]! - wokenNs < 0.01e6);
      assert.ok(time.pendingTimers <= 1, "a timer was left behind");
      pacer.stop();
    });
  });

  test(`${strategy} does not tick after stop, and can start again`, async () => {
    await VirtualTime.during(async (time) => {
      const schedule = new Schedule(time, 5, 20);
      const pacer = new Pacer(strategy, schedule.tick, () => true);
      pacer.start();
      await time.pass(52);
      pacer.stop();
      pacer.wake();
      const { ticks } = schedule;
      await time.pass(100);
      assert.is(schedule.ticks, ticks);
      assert.equal([time.pendingTimers, time.pendingImmediates], [0, 0]);
      pacer.start();
      assert.ok(await time.until(() => schedule.isDone));
    });
  });

  test(`${strategy} can be stopped inside its tick`, async () => {
    await VirtualTime.during(async (time) => {
      let ticks = 0;
      const pacer: Pacer = new Pacer(
        strategy,
        (nowNs) => {
          ticks += 1;
          pacer.stop();
          return nowNs + 1;
        },
        () => true,
      );
      pacer.start();
      await time.pass(50);
      assert.is(ticks, 1);
    });
  });

  test(`${strategy} waits for the due time when a timer fires early`, async () => {
    await VirtualTime.during(async (time) => {
      time.earlyMs = 1;
      const schedule = new Schedule(time, 7, 10);
      const pacer = new Pacer(strategy, schedule.tick, () => true);
      pacer.start();
      assert.ok(await time.until(() => schedule.isDone));
      for (const lagMs of schedule.lagsMs) assert.ok(lagMs >= 0, `${-lagMs} ms early`);
    });
  });
}

test("naps are short while responses are expected, and long while none are", async () => {
  for (const isAwaiting of [true, false]) {
    await VirtualTime.during(async (time) => {
      const schedule = new Schedule(time, 2, 50);
      const pacer = new Pacer("nap", schedule.tick, () => isAwaiting);
      pacer.start();
      assert.ok(await time.until(() => schedule.isDone));
      const meanMs = time.nappedMs / time.naps;
      if (isAwaiting) assert.ok(meanMs < 0.1 && time.naps > 500, `${time.naps} of ${meanMs} ms`);
      else assert.ok(meanMs > 1, `${time.naps} of ${meanMs} ms`);
    });
  }
});

test("long before the next due time, nap waits in the event loop", async () => {
  await VirtualTime.during(async (time) => {
    const schedule = new Schedule(time, 1_000, 5);
    const pacer = new Pacer("nap", schedule.tick, () => true);
    pacer.start();
    assert.ok(await time.until(() => schedule.isDone));
    assert.ok(time.nappedMs < 5 * 2.5, `${time.nappedMs} ms napped of 4,000`);
    assert.ok(pacer.waitedNs < 5 * 2.5e6);
  });
});

test("time in naps and spins counts as waited, and time in timers is idle in the event loop", async () => {
  for (const strategy of STRATEGIES) {
    await VirtualTime.during(async (time) => {
      const schedule = new Schedule(time, 1, 40);
      const startNs = time.nowNs;
      const pacer = new Pacer(strategy, schedule.tick, () => true);
      pacer.start();
      assert.ok(await time.until(() => schedule.isDone));
      const share = pacer.waitedNs / (time.nowNs - startNs);
      if (strategy === "timer") assert.is(share, 0);
      else assert.ok(share > 0.8 && share <= 1, `${strategy} waited ${share} of the time`);
    });
  }
});

test("the waited time is summed over all phases, like the event loop's time", async () => {
  await VirtualTime.during(async (time) => {
    const pacer = new Pacer(
      "nap",
      () => time.nowNs + 1e6,
      () => true,
    );
    pacer.start();
    await time.pass(20);
    const { waitedNs } = pacer;
    assert.ok(waitedNs > 5e6);
    pacer.stop();
    pacer.start();
    await time.pass(20);
    assert.ok(pacer.waitedNs > waitedNs + 5e6);
    pacer.stop();
  });
});

test.run();
