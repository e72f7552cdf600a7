/** How a phase of the driver ends, and which requests it drops then. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { assertNear, figuresOf, withRig } from "./driver-rig.ts";

test.before(initHistograms);

test("a workload's tick is not called before its phase starts", async () => {
  const timeoutMs = 40;
  await withRig(
    1,
    async (rig) => {
      const running = rig.start({ requests: 1 });
      let looks = 0;
      running.phase.workload.tick = () => {
        looks += 1;
      };
      await rig.time.pass(19);
      assert.is(looks, 0);
      await rig.time.pass(20);
      assert.ok(looks > 0);
      rig.transport.end(0);
      await rig.finish(running);
    },
    timeoutMs,
  );
});

test("requests due before the end are sent for one more timeout, and the rest are missing", async () => {
  await withRig(2, async (rig) => {
    const { transport } = rig;
    transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 100);
    const running = rig.start({ durationMs: 1_000, ratePerSec: 100 });
    const outcome = await rig.finish(running);
    // Two clients with 100 ms a request send 40 of the 100 due requests within 2 s.
    assert.equal([outcome.started, outcome.dropped], [40, 60]);
    const { succeeded, failed, serviceTime, responseTime, missing } = rig.snapshot();
    assert.equal([succeeded, failed], [40, 0]);
    assert.equal([figuresOf(serviceTime).count, figuresOf(responseTime).count], [40, 40]);
    assert.is(missing!.serviceTime, null, "never sent");
    const waited = figuresOf(missing!.responseTime);
    assert.is(waited.count, 60);
    // Due between 400 and 990 ms, dropped at 2,000 ms.
    assertNear(waited.minMs, 1_010, 2);
    assertNear(waited.maxMs, 1_600, 2);
  });
});

test("stop sends no more requests, waits for responses for a while, and cancels the rest", async () => {
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

test("stop of a paced phase drops only requests that were due until then", async () => {
  await withRig(1, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ durationMs: 10_000, ratePerSec: 100 });
    transport.onCall = ({ slot }) => {
      if (transport.calls.length < 3) setTimeout(() => transport.end(slot), 1);
    };
    // Due at 0, 10, 20, ... ms; the third one gets no response.
    await time.pass(20 + 95);
    rig.driver.stop(10);
    const outcome = await rig.finish(running, 20);
    assert.equal([outcome.started, outcome.dropped], [3, 7]);
    const { missing } = rig.snapshot();
    // The one in flight is cancelled at 105 ms; those due from 30 to 90 ms are dropped at 95 ms.
    assertNear(figuresOf(missing!.serviceTime).maxMs, 85, 1);
    const waited = figuresOf(missing!.responseTime);
    assert.is(waited.count, 8);
    assertNear(waited.minMs, 5, 1);
    assertNear(waited.maxMs, 85, 1);
  });
});

test("stop without requests in flight ends the phase at once, also before its start and when repeated", async () => {
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

test("a workload can end its phase early, in a closed loop and at a rate", async () => {
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

test("requests that came due in the turn that ends the phase are still sent", async () => {
  await withRig(1, async (rig) => {
    const { driver, time, transport } = rig;
    const running = rig.start({ ratePerSec: 1_000 });
    await time.until(() => transport.pending.size === 1);
    transport.end([...transport.pending.keys()][0]!);
    transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 1);
    // This makes the turn longer.
    time.nowMs += 5;
    driver.enough(time.nowNs);
    const { started, dropped } = await rig.finish(running, 100);
    assert.equal([started, dropped], [6, 0]);
  });
});

test("a late last pass of the pacer drops no request while clients are idle", async () => {
  for (const wait of ["nap", "timer", "spin"] as const) {
    await withRig(
      1_000,
      async (rig) => {
        const { transport, time } = rig;
        transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 1);
        const running = rig.start({ durationMs: 200, ratePerSec: 5_000 });
        await time.until(() => time.nowNs > running.startNs + 190e6, 2_000);
        // The thread is blocked until after the end, for longer than a request may take.
        time.nowMs += 1_500;
        const outcome = await rig.finish(running);
        assert.equal([outcome.started, outcome.dropped], [1_000, 0], wait);
        assert.is(rig.snapshot().missing, null);
      },
      1_000,
      wait,
    );
  }
});

test.run();
