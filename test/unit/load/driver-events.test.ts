/** What a driver records apart because an event touched it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { assertNear, figuresOf, withRig } from "./driver-rig.ts";

test.before(initHistograms);

test("what is due or in flight while an event lasts is recorded apart too", async () => {
  await withRig(3, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ requests: 6 });
    await time.pass(21);
    // Ends before: not touched.
    transport.end(0);
    driver.eventBegins();
    await time.pass(10);
    // Ends in it.
    transport.end(1);
    await time.pass(10);
    driver.eventEnded(time.nowNs);
    await time.pass(10);
    // Sent before its end, answered after; and one that failed.
    transport.end(2);
    transport.end(0, Status.UNAVAILABLE, "gone");
    const touched = rig.snapshot();
    assert.equal([touched.succeeded, touched.failed], [3, 1]);
    assert.is(touched.during!.failed, 1);
    assert.is(figuresOf(touched.during!.serviceTime).count, 2);
    assert.is(touched.during!.responseTime, null);
    await time.pass(5);
    // The client whose request ended within the event has sent the next one in it.
    transport.end(1);
    transport.end(2);
    await rig.finish(running);
    const later = rig.snapshot();
    assert.is(later.succeeded, 2);
    assert.is(figuresOf(later.during!.serviceTime).count, 1);
  });
});

test("a request that was due in the event is touched by it, though it was sent after", async () => {
  await withRig(1, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ requests: 3, ratePerSec: 100 });
    await time.until(() => transport.pending.size === 1);
    driver.eventBegins();
    // The second comes due while the first is out.
    await time.pass(12);
    driver.eventEnded(time.nowNs);
    await time.pass(3);
    transport.end(0);
    await time.pass(1);
    transport.end(0);
    await time.until(() => transport.pending.size === 1);
    transport.end(0);
    await rig.finish(running);
    const { succeeded, during } = rig.snapshot();
    assert.is(succeeded, 3);
    assert.is(figuresOf(during!.serviceTime).count, 2);
    assertNear(figuresOf(during!.responseTime).maxMs, 15);
  });
});

test("what was never sent is touched by an event that it waited through", async () => {
  await withRig(1, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ durationMs: 100, ratePerSec: 100 });
    await time.until(() => transport.pending.size === 1);
    driver.eventBegins();
    await time.pass(15);
    driver.eventEnded(time.nowNs);
    await time.pass(20);
    // The one in flight, due at 0 ms, is waited for longer than those due at 10, 20 and 30 ms.
    driver.stop(50);
    const { dropped } = await rig.finish(running);
    const { missing, during } = rig.snapshot();
    assert.is(dropped, 3);
    assert.is(figuresOf(missing!.responseTime).count, 4);
    assert.is(figuresOf(during!.missing!.responseTime).count, 2);
  });
});

test("effects and parts are touched by what they reach into", async () => {
  await withRig(1, async (rig) => {
    const { time, driver, transport } = rig;
    const running = rig.start({ requests: 1 });
    await time.pass(21);
    driver.sample(0, 1e6);
    assert.is(rig.snapshot().during, null, "no event yet");
    driver.eventBegins();
    await time.pass(10);
    driver.eventEnded(time.nowNs);
    await time.pass(10);
    driver.sample(0, 5e6, 0, time.nowNs);
    assert.is(rig.snapshot().during, null, "began after it");
    driver.sample(0, 15e6, 0, time.nowNs, 3);
    driver.sample(0, 15e6);
    driver.fail(0, 15e6, Status.UNAVAILABLE, "gone");
    const { during } = rig.snapshot();
    assert.equal([figuresOf(during!.serviceTime).count, during!.failed], [4, 1]);
    transport.end(0);
    await rig.finish(running);
  });
});

test.run();
