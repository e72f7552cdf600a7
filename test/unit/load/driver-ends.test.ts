/** How a phase of a driver is brought to its end, and what it drops then. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { withRig } from "./driver-rig.ts";

test.before(initHistograms);

test("requests that were due and could not be sent before the end are dropped, each counted", async () => {
  await withRig(2, async (rig) => {
    const { transport } = rig;
    transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 100);
    const running = rig.start({ durationMs: 1_000, ratePerSec: 100 });
    const outcome = await rig.finish(running);
    // Two clients with 100 ms each: 20 of the 100 that were due.
    assert.equal([outcome.started, outcome.dropped], [20, 80]);
    assert.is(rig.snapshot().succeeded, 20);
  });
});

test("stop sends nothing more, lets answers come for a while, and cancels the rest", async () => {
  await withRig(3, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 1_000 });
    await time.pass(30);
    rig.driver.stop(50);
    await time.pass(20);
    transport.end(1);
    await time.pass(20);
    assert.equal([running.outcome, transport.calls.length], [null, 3]);
    const outcome = await rig.finish(running, 20);
    assert.equal([outcome.started, outcome.dropped], [3, 0]);
    assert.equal(transport.cancelled, [0, 2]);
    const { succeeded, failed, errors } = rig.snapshot();
    assert.equal([succeeded, failed], [1, 2]);
    assert.equal(
      errors.map(({ code, count }) => [code, count]),
      [["CANCELLED", 2]],
    );
  });
});

test("stop of a paced phase drops only what was due until then", async () => {
  await withRig(1, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ durationMs: 10_000, ratePerSec: 100 });
    transport.onCall = ({ slot }) => {
      if (transport.calls.length < 3) setTimeout(() => transport.end(slot), 1);
    };
    // Due at 0, 10, 20, ... ms; the third never ends.
    await time.pass(20 + 95);
    rig.driver.stop(10);
    const outcome = await rig.finish(running, 20);
    assert.equal([outcome.started, outcome.dropped], [3, 7]);
  });
});

test("stop with nothing in flight ends the phase at once, also before its start and twice", async () => {
  await withRig(2, async (rig) => {
    for (const ratePerSec of [undefined, 1]) {
      const early = rig.start({ requests: 10, ...(ratePerSec && { ratePerSec }) });
      rig.driver.stop(1_000);
      rig.driver.stop(1_000);
      const { started, dropped } = await rig.finish(early, 0.1);
      assert.equal([started, dropped], [0, 0]);
    }
    rig.driver.stop(10);
    const running = rig.start({ ratePerSec: 1, durationMs: 60_000 });
    await rig.time.pass(30);
    rig.transport.end(0);
    rig.driver.stop(1_000);
    assert.is((await rig.finish(running, 1)).started, 1);
  });
});

test("a workload for which it is enough ends its phase, in a closed loop and at a rate", async () => {
  for (const pacing of [{}, { ratePerSec: 1_000 }]) {
    await withRig(2, async (rig) => {
      const { driver, time, transport } = rig;
      const running = rig.start(pacing);
      await time.until(() => transport.pending.size === 2);
      driver.enough(time.nowNs);
      assert.is(running.outcome, null, "what is in flight is waited for");
      for (const slot of [...transport.pending.keys()]) transport.end(slot);
      const { started } = await rig.finish(running, 100);
      assert.is(started, 2);
    });
  }
});

test("what came due in the turn in which it was enough is not dropped, with a client free", async () => {
  await withRig(1, async (rig) => {
    const { driver, time, transport } = rig;
    const running = rig.start({ ratePerSec: 1_000 });
    await time.until(() => transport.pending.size === 1);
    transport.end([...transport.pending.keys()][0]!);
    // As if the turn were this much longer.
    driver.enough(time.nowNs + 5e6);
    await time.pass(5);
    driver.settled();
    const { started, dropped } = await rig.finish(running, 100);
    assert.equal([started, dropped], [1, 0]);
  });
});

test.run();
