/** The two clocks of a driver: response time from the due time, service time from the send. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { assertNear, figuresOf, withRig } from "./driver-rig.ts";

test.before(initHistograms);

/** The first slot beyond those of the only client. */
const EXTRA = 1;

test("a paced request's response time starts when it is due, its service time when it is sent", async () => {
  await withRig(1, async (rig) => {
    const { transport, time } = rig;
    const answersMs = [35, 1, 1, 1, 1];
    transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), answersMs.shift());
    // Due at 0, 10, 20, 30 and 40 ms. The first answer keeps the only client busy until 35 ms.
    const running = rig.start({ requests: 5, ratePerSec: 100 });
    const outcome = await rig.finish(running);
    const sentMs = transport.calls.map(({ madeNs }) => (madeNs - running.startNs) / 1e6);
    [0, 35, 36, 37, 40].forEach((expected, n) => {
      assertNear(sentMs[n]!, expected);
    });
    assertNear((outcome.lastDueNs - running.startNs) / 1e6, 40);
    assertNear((outcome.lastSendNs - running.startNs) / 1e6, 40);
    assert.ok(time.nowNs >= outcome.lastEndNs);
    const { serviceTime, responseTime, dispatchLag } = rig.snapshot();
    const service = figuresOf(serviceTime);
    assert.is(service.count, 5);
    assertNear(service.minMs, 1);
    assertNear(service.maxMs, 35);
    const response = figuresOf(responseTime);
    assert.is(response.count, 5);
    assertNear(response.minMs, 1);
    assertNear(response.maxMs, 35);
    // The dispatch lag counts only requests that found an idle client: the first and the last.
    const lag = figuresOf(dispatchLag);
    assert.is(lag.count, 2);
    assert.ok(lag.maxMs < 0.1, `${lag.maxMs} ms`);
  });
});

test("parts and effects of a paced operation are recorded on both clocks, also as missing ones", async () => {
  await withRig(1, async (rig) => {
    const running = rig.start({ requests: 1, ratePerSec: 10 });
    await rig.time.until(() => rig.transport.calls.length === 1, 1_000);
    rig.driver.sample(0, 1e6, 5e6, 0, 3);
    rig.driver.fail(0, 2e6, 14, "gone", 5e6);
    rig.driver.missed(0, 3e6, 5e6, 4);
    rig.driver.dropped(0, 9e6);
    const { serviceTime, responseTime, missing } = rig.snapshot();
    assertNear(figuresOf(serviceTime).maxMs, 1);
    assert.is(figuresOf(responseTime).count, 3);
    assertNear(figuresOf(responseTime).maxMs, 6);
    assert.is(figuresOf(missing!.serviceTime).count, 5);
    assertNear(figuresOf(missing!.serviceTime).maxMs, 3);
    assert.is(figuresOf(missing!.responseTime).count, 6);
    assertNear(figuresOf(missing!.responseTime).maxMs, 9);
    rig.transport.end(0);
    await rig.finish(running);
  });
});

test("a request that is sent after its call is recorded as sent then, and only once", async () => {
  await withRig(1, async (rig) => {
    const running = rig.start({ requests: 1, ratePerSec: 10 });
    await rig.time.until(() => rig.transport.calls.length === 1, 1_000);
    await rig.time.pass(30);
    rig.transport.leave(0);
    await rig.time.pass(20);
    rig.transport.leave(0);
    await rig.time.pass(5);
    rig.transport.end(0);
    await rig.finish(running);
    const { serviceTime, responseTime } = rig.snapshot();
    assert.is(Math.round(figuresOf(serviceTime).maxMs), 25);
    assert.is(Math.round(figuresOf(responseTime).maxMs), 55);
  });
});

test("waiting in the client is counted, and only the response time includes it", async () => {
  await withRig(2, async (rig) => {
    const running = rig.start({ requests: 2, ratePerSec: 1_000 });
    await rig.time.until(() => rig.transport.calls.length === 2, 1_000);
    await rig.time.pass(40);
    rig.transport.leave(0, true);
    await rig.time.pass(5);
    rig.transport.end(0);
    rig.transport.end(1);
    await rig.finish(running);
    const { serviceTime, responseTime, counters } = rig.snapshot();
    assert.is(Math.round(figuresOf(serviceTime).minMs), 5);
    assert.ok(figuresOf(responseTime).minMs >= 44);
    assert.is(counters.heldBack, 1);
    assert.ok(counters.heldBackUs! >= 40_000, `${counters.heldBackUs} us`);
  });
});

test("a request that times out before it is sent fails with the reason that held it", async () => {
  await withRig(2, async (rig) => {
    const running = rig.start({ requests: 2 });
    await rig.time.until(() => rig.transport.calls.length === 2, 1_000);
    rig.transport.holds.set(1, "all streams are in use");
    await rig.finish(running);
    const { errors, counters, failed } = rig.snapshot();
    assert.is(failed, 2);
    assert.is(counters.unsent, 1);
    assert.equal(
      errors.map(({ code, message }) => [code, message]),
      [
        ["DEADLINE_EXCEEDED", "no answer within the timeout"],
        ["DEADLINE_EXCEEDED", "not sent within the timeout: all streams are in use"],
      ],
    );
  });
});

test("the service time of a request that is sent again starts at its first send", async () => {
  await withRig(1, async (rig) => {
    const running = rig.start({ requests: 1 });
    await rig.time.until(() => rig.transport.calls.length === 1, 1_000);
    await rig.time.pass(10);
    rig.transport.refuse(0);
    await rig.time.pass(10);
    rig.transport.leave(0);
    await rig.time.pass(10);
    rig.transport.end(0);
    await rig.finish(running);
    assert.is(Math.round(figuresOf(rig.snapshot().serviceTime).maxMs), 30);
  });
});

test("a freeze delays every arrival in response time, but only one request in service time", async () => {
  await withRig(
    1,
    async (rig) => {
      const { transport } = rig;
      let count = 0;
      transport.onCall = ({ slot }) =>
        setTimeout(() => transport.end(slot), ++count === 100 ? 400 : 1);
      const running = rig.start({ durationMs: 2_000, ratePerSec: 200 });
      const outcome = await rig.finish(running);
      assert.equal([outcome.started, outcome.dropped], [400, 0]);
      const { serviceTime, responseTime } = rig.snapshot();
      assertNear(figuresOf(serviceTime).maxMs, 400);
      assertNear(figuresOf(responseTime).maxMs, 400);
      assert.is(countAbove(serviceTime, 50), 1);
      // Request k after it is due 5k ms later and ends k ms later: it takes 396 - 4k ms.
      const late = countAbove(responseTime, 50);
      assert.ok(late >= 86 && late <= 90, `${late} late`);
    },
    5_000,
  );
});

function countAbove(encoded: Uint8Array | null, ms: number): number {
  const histogram = new LatencyHistogram();
  histogram.addEncoded(encoded!);
  const { count } = histogram;
  let percentile = 0;
  while (percentile < 100 && histogram.percentileNs(percentile) <= ms * 1e6) percentile += 0.05;
  histogram.destroy();
  return Math.round((count * (100 - percentile)) / 100);
}

test("the client that has been idle longest sends next", async () => {
  await withRig(3, async (rig) => {
    const { transport } = rig;
    transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 2);
    const running = rig.start({ requests: 9, ratePerSec: 100 });
    await rig.finish(running);
    assert.equal(
      transport.calls.map(({ slot }) => slot),
      [0, 1, 2, 0, 1, 2, 0, 1, 2],
    );
  });
});

test("the workload hears of a first call that has waited in the client, and of no other", async () => {
  await withRig(3, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 3 });
    const told: number[][] = [];
    running.phase.workload.onCallSent = (client, ns) => told.push([client, Math.round(ns / 1e6)]);
    await time.until(() => transport.calls.length === 3, 1_000);
    await time.pass(40);
    const sentMs = Math.round(time.nowNs / 1e6);
    transport.leave(0, true);
    transport.leave(1, false);
    transport.refuse(2);
    transport.leave(2, true);
    for (const slot of [0, 1, 2]) transport.end(slot);
    await rig.finish(running);
    assert.equal(told, [[0, sentMs]]);
  });
});

test("waiting in the client is in no service time in a slot that is not the client's own, either", async () => {
  await withRig(1, async (rig) => {
    const { driver, transport, time } = rig;
    const running = rig.start({ requests: 1, ratePerSec: 1_000 });
    const { workload } = running.phase;
    const template = transport.template("/a.B/C", Buffer.alloc(1));
    const told: number[] = [];
    workload.begin = (client, now) => driver.call(client, EXTRA, template, now);
    workload.onCallEnd = (_, status, message, now) => driver.end(0, status, message, now);
    workload.onCallSent = (client) => told.push(client);
    await time.until(() => transport.calls.length === 1, 1_000);
    await time.pass(40);
    transport.leave(EXTRA, true);
    await time.pass(5);
    transport.end(EXTRA);
    await rig.finish(running);
    const { serviceTime, responseTime, counters } = rig.snapshot();
    assert.is(Math.round(figuresOf(serviceTime).maxMs), 5);
    assert.ok(figuresOf(responseTime).minMs >= 44);
    assert.is(counters.heldBack, 1);
    assert.ok(counters.heldBackUs! >= 40_000, `${counters.heldBackUs} us`);
    assert.equal(told, [0]);
  });
});

test("the workload hears when calls leave that it has made itself, and they are of no client", async () => {
  await withRig(1, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 1 });
    const { workload } = running.phase;
    const told: unknown[][] = [];
    workload.onOwnCallSent = (slot, ns, wasHeld) => told.push([slot, ns, wasHeld]);
    await time.until(() => transport.calls.length === 1, 1_000);
    await time.pass(10);
    transport.leave(EXTRA, true);
    assert.equal(told, [[EXTRA, time.nowNs, true]]);
    transport.end(0);
    await rig.finish(running);
    const { serviceTime, counters } = rig.snapshot();
    assert.is(Math.round(figuresOf(serviceTime).maxMs), 10);
    assert.is(counters.heldBack, undefined);
  });
});

test.run();
