/** The requests that a driver also records separately because they overlap an event. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { assertNear, figuresOf, withRig } from "./driver-rig.ts";

test.before(initHistograms);

test("requests that are due or in flight during an event are also recorded separately", async () => {
  await withRig(3, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ requests: 6 });
    await time.pass(21);
    // Ends before the event: does not overlap it.
    transport.end(0);
    driver.eventBegins();
    await time.pass(10);
    // Ends during the event.
    transport.end(1);
    await time.pass(10);
    driver.eventEnded(time.nowNs);
    await time.pass(10);
    // Both were sent before the event's end; one is answered after it, and one fails.
    transport.end(2);
    transport.end(0, Status.UNAVAILABLE, "gone");
    const touched = rig.snapshot();
    assert.equal([touched.succeeded, touched.failed], [3, 1]);
    assert.is(touched.during!.failed, 1);
    assert.is(figuresOf(touched.during!.serviceTime).count, 2);
    assert.is(touched.during!.responseTime, null);
    await time.pass(5);
    // This client sent its next request during the event.
    transport.end(1);
    transport.end(2);
    await rig.finish(running);
    const later = rig.snapshot();
    assert.is(later.succeeded, 2);
    assert.is(figuresOf(later.during!.serviceTime).count, 1);
  });
});

test("a request that was due during the event overlaps it, even if it was sent later", async () => {
  await withRig(1, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ requests: 3, ratePerSec: 100 });
    await time.until(() => transport.pending.size === 1);
    driver.eventBegins();
    // The second one comes due while the first is in flight.
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

test("an unsent request overlaps an event during which it waited", async () => {
  await withRig(1, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ durationMs: 100, ratePerSec: 100 });
    await time.until(() => transport.pending.size === 1);
    driver.eventBegins();
    await time.pass(15);
    driver.eventEnded(time.nowNs);
    await time.pass(20);
    // The one in flight, due at 0 ms, waits longer than those due at 10, 20 and 30 ms.
    driver.stop(50);
    const { dropped } = await rig.finish(running);
    const { missing, during } = rig.snapshot();
    assert.is(dropped, 3);
    assert.is(figuresOf(missing!.responseTime).count, 4);
    assert.is(figuresOf(during!.missing!.responseTime).count, 2);
  });
});

test("effects and parts overlap an event if their time span does", async () => {
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
