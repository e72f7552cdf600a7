/** The driver's loop on a transport that the test answers, under a clock that the test moves. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../src/load/wire/grpc-status.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { figuresOf, withRig } from "./driver-rig.ts";

test.before(initHistograms);

/** Within a histogram bucket and the sweeps and turns that the clock is moved by. */
function assertNear(actualMs: number, expectedMs: number, slackMs = 0.2): void {
  assert.ok(
    Math.abs(actualMs - expectedMs) <= slackMs + expectedMs / 500,
    `${actualMs} ms is not about ${expectedMs} ms`,
  );
}

test("in a closed loop each client has exactly one request, until the total is sent", async () => {
  await withRig(4, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 10 });
    await time.pass(19);
    assert.is(transport.calls.length, 0, "sent before the start");
    await time.pass(2);
    assert.is(transport.calls.length, 4);
    assert.is(transport.unflushed, 0);
    for (let ended = 1; ended <= 10; ended++) {
      const [slot] = transport.pending.keys();
      transport.end(slot!);
      assert.is(transport.calls.length, Math.min(10, 4 + ended));
      assert.is(transport.pending.size, Math.min(4, 10 - ended));
    }
    const outcome = await rig.finish(running);
    assert.equal([outcome.started, outcome.dropped], [10, 0]);
    const { succeeded, failed, responseTime } = rig.snapshot();
    assert.equal([succeeded, failed, responseTime], [10, 0, null]);
  });
});

test("a client takes the next request as it comes free, in its own slot", async () => {
  await withRig(3, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 6 });
    await time.pass(21);
    for (const slot of [2, 2, 0]) transport.end(slot);
    assert.equal(
      transport.calls.map(({ slot, bytes }) => [slot, bytes.readUIntBE(0, 6)]),
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [2, 3],
        [2, 4],
        [0, 5],
      ],
    );
    for (const slot of [0, 1, 2]) transport.end(slot);
    await rig.finish(running);
  });
});

test("fewer requests than clients: the rest send nothing", async () => {
  await withRig(5, async (rig) => {
    const running = rig.start({ requests: 2 });
    await rig.time.pass(21);
    assert.equal([...rig.transport.pending.keys()], [0, 1]);
    rig.transport.end(0);
    rig.transport.end(1);
    assert.is((await rig.finish(running)).started, 2);
  });
});

for (const ratePerSec of [undefined, 100]) {
  const how = ratePerSec === undefined ? "closed" : "paced";

  test(`a ${how} phase without requests for this worker ends as it begins`, async () => {
    await withRig(2, async (rig) => {
      const running = rig.start({ requests: 0, ...(ratePerSec && { ratePerSec }) });
      const outcome = await rig.finish(running, 50);
      assert.equal([outcome.started, outcome.dropped], [0, 0]);
      assert.is(outcome.lastEndNs, running.startNs);
    });
  });

  test(`a ${how} phase ends with its duration, and waits for what is in flight`, async () => {
    await withRig(2, async (rig) => {
      const { transport, time } = rig;
      const running = rig.start({ durationMs: 100, ...(ratePerSec && { ratePerSec }) });
      await time.until(() => transport.pending.size === 2);
      transport.end(0);
      await time.until(() => time.nowNs > running.startNs + 150e6, 200);
      assert.is(running.outcome, null);
      const sent = transport.calls.length;
      for (const slot of [...transport.pending.keys()]) transport.end(slot);
      const outcome = await rig.finish(running);
      assert.is(transport.calls.length, sent, "sent after the end");
      assert.ok(outcome.lastEndNs > running.startNs + 149e6);
      assert.ok(outcome.lastSendNs < running.startNs + 100e6);
      if (ratePerSec !== undefined) assert.is(outcome.started + outcome.dropped, 10);
    });
  });

  test(`a ${how} phase is neither cut short nor hung by timers that fire early`, async () => {
    await withRig(2, async (rig) => {
      const { transport, time } = rig;
      time.earlyMs = 1;
      transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 2);
      const running = rig.start({ durationMs: 50, ...(ratePerSec && { ratePerSec }) });
      const outcome = await rig.finish(running, 100);
      assert.ok(transport.calls[0]!.madeNs >= running.startNs, "sent before the start");
      assert.ok(time.nowNs >= running.startNs + 50e6, "ended early");
      assert.ok(outcome.lastSendNs < running.startNs + 50e6);
      if (ratePerSec !== undefined) assert.equal([outcome.started, outcome.dropped], [5, 0]);
      else assert.ok(outcome.started > 20);
    });
  });

  test(`whichever of total and duration comes first ends a ${how} phase`, async () => {
    for (const [requests, started] of [
      [3, 3],
      [1_000, ratePerSec === undefined ? 10 : 5],
    ] as const) {
      await withRig(1, async (rig) => {
        const { transport } = rig;
        transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 5);
        const running = rig.start({ requests, durationMs: 50, ...(ratePerSec && { ratePerSec }) });
        const outcome = await rig.finish(running);
        assert.ok(
          Math.abs(outcome.started - started) <= (requests > 3 ? 1 : 0),
          String(outcome.started),
        );
      });
    }
  });
}

test("a paced request counts from when it was due on one clock, from its send on the other", async () => {
  await withRig(1, async (rig) => {
    const { transport, time } = rig;
    const answersMs = [35, 1, 1, 1, 1];
    transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), answersMs.shift());
    // Due at 0, 10, 20, 30 and 40 ms; one client, held by the first answer until 35 ms.
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
    // Lag is ours only where a client stood free: the first and the last.
    const lag = figuresOf(dispatchLag);
    assert.is(lag.count, 2);
    assert.ok(lag.maxMs < 0.1, `${lag.maxMs} ms`);
  });
});

test("a request that leaves after its call counts as sent when it leaves, and once", async () => {
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

test("a request that is sent again counts from its first send", async () => {
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

test("every arrival in a freeze counts on the response clock, one request on the service clock", async () => {
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
      // Number k behind it is due 5 ms later than the one before and ends 1 ms later: 396 - 4k ms.
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

test("the client that has rested longest sends next", async () => {
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

test("without an answer a call is cancelled at its deadline, and its client goes on", async () => {
  const timeoutMs = 200;
  await withRig(
    2,
    async (rig) => {
      const { transport, time } = rig;
      const running = rig.start({ requests: 4 });
      await time.pass(21);
      transport.end(1);
      await time.until(() => transport.cancelled.length === 1);
      const afterMs = (time.nowNs - running.startNs) / 1e6;
      assert.ok(afterMs >= timeoutMs && afterMs <= timeoutMs + 15, `${afterMs} ms`);
      assert.equal(transport.cancelled, [0]);
      assert.is(transport.unflushed, 0);
      await time.pass(5);
      for (const slot of [...transport.pending.keys()]) transport.end(slot);
      const outcome = await rig.finish(running);
      assert.is(outcome.started, 4);
      const { succeeded, failed, errors, failedTime } = rig.snapshot();
      assert.equal([succeeded, failed], [3, 1]);
      assert.equal(
        errors.map(({ code, count }) => [code, count]),
        [["DEADLINE_EXCEEDED", 1]],
      );
      assertNear(figuresOf(failedTime).maxMs, timeoutMs, 15);
    },
    timeoutMs,
  );
});

test("a failure is recorded with its code and message, and its latency apart", async () => {
  await withRig(1, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 3 });
    await time.pass(21);
    transport.end(0, Status.UNAVAILABLE, "no leader");
    await time.pass(10);
    transport.end(0);
    transport.end(0, Status.UNAVAILABLE, "no leader");
    assert.is((await rig.finish(running)).started, 3);
    const { succeeded, failed, errors, serviceTime, failedTime } = rig.snapshot();
    assert.equal([succeeded, failed], [1, 2]);
    assert.equal(errors, [{ code: "UNAVAILABLE", message: "no leader", count: 2 }]);
    assert.is(figuresOf(serviceTime).count, 1);
    assert.is(figuresOf(failedTime).count, 2);
  });
});

test("a request refused unprocessed is sent again as it was, once, and then fails", async () => {
  await withRig(2, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 4 });
    await time.pass(21);
    transport.refuse(0);
    assert.is(transport.calls.at(-1)!.slot, 0);
    assert.is(transport.calls.at(-1)!.bytes.readUIntBE(0, 6), 0);
    transport.end(0);
    transport.end(1);
    // Slot 1 now has request 3; refused twice it has failed.
    transport.refuse(1);
    assert.is(transport.calls.at(-1)!.bytes.readUIntBE(0, 6), 3);
    transport.refuse(1);
    transport.end(0);
    const outcome = await rig.finish(running);
    assert.is(outcome.started, 4);
    const { succeeded, failed, resent, errors } = rig.snapshot();
    assert.equal([succeeded, failed, resent], [3, 1, 2]);
    assert.equal(
      errors.map(({ code }) => code),
      ["UNAVAILABLE"],
    );
  });
});

test("a client that was refused once may be refused again with its next request", async () => {
  await withRig(1, async (rig) => {
    const running = rig.start({ requests: 2 });
    await rig.time.pass(21);
    for (let request = 0; request < 2; request++) {
      rig.transport.refuse(0);
      rig.transport.end(0);
    }
    await rig.finish(running);
    const { succeeded, resent } = rig.snapshot();
    assert.equal([succeeded, resent], [2, 2]);
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

test("each phase begins with the workload's first request, after whatever came before", async () => {
  await withRig(2, async (rig) => {
    const { transport } = rig;
    transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 1);
    for (const options of [{ requests: 5 }, { requests: 7, ratePerSec: 500 }, { requests: 5 }]) {
      transport.calls.length = 0;
      await rig.finish(rig.start(options));
      assert.equal(
        transport.calls.map(({ bytes }) => bytes.readUIntBE(0, 6)),
        [...Array(options.requests).keys()],
      );
    }
  });
});

/** How a server may treat one call. */
const behaviours = fc.record({
  delayMs: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(150)),
  end: fc.constantFrom("ok", "ok", "ok", "fail", "refuse", "never"),
});

const phases = fc.record({
  clients: fc.integer({ min: 1, max: 6 }),
  ratePerSec: fc.option(fc.integer({ min: 5, max: 800 }), { nil: undefined }),
  requests: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  durationMs: fc.integer({ min: 1, max: 400 }),
  stopAfterMs: fc.option(fc.integer({ min: 0, max: 450 }), { nil: undefined }),
  earlyMs: fc.constantFrom(0, 0.9),
  behaviours: fc.array(behaviours, { minLength: 1, maxLength: 20 }),
});

test("offered is succeeded + failed + dropped, whatever fails and whenever it ends", async () => {
  let dropped = 0;
  let failed = 0;
  let resent = 0;
  await fc.assert(
    fc.asyncProperty(phases, async (plan) => {
      await withRig(
        plan.clients,
        async (rig) => {
          const { transport, time, driver } = rig;
          time.earlyMs = plan.earlyMs;
          transport.onCall = (call) => {
            const { delayMs, end } =
              plan.behaviours[transport.calls.length % plan.behaviours.length]!;
            if (end === "never") return;
            setTimeout(() => {
              // It may have been cancelled, and the slot have another call.
              if (transport.pending.get(call.slot) !== call) return;
              if (end === "refuse") transport.refuse(call.slot);
              else transport.end(call.slot, end === "ok" ? 0 : 14, "it fails");
            }, delayMs);
          };
          const { requests = Number.POSITIVE_INFINITY, ratePerSec, durationMs, stopAfterMs } = plan;
          const running = rig.start({ requests, durationMs, ...(ratePerSec && { ratePerSec }) });
          if (stopAfterMs !== undefined) setTimeout(() => driver.stop(20), stopAfterMs);
          // Answers to calls that were cancelled are timers that are left: only the end counts.
          assert.ok(await time.until(() => running.outcome !== null, 2_000), "it never ended");
          const outcome = running.outcome!;
          assert.is(transport.fault, null);
          assert.is(transport.pending.size, 0);
          const snapshot = rig.snapshot();
          assert.is(outcome.started, snapshot.succeeded + snapshot.failed);
          assert.is(outcome.started, transport.calls.length - snapshot.resent);
          const { startNs, phase } = running;
          if (ratePerSec === undefined) {
            assert.is(outcome.dropped, 0);
          } else {
            let due = 0;
            while (startNs + due * (1e9 / ratePerSec) < phase.endNs) due += 1;
            assert.is(outcome.started + outcome.dropped, Math.min(requests, due));
            assert.is(figuresOf(snapshot.responseTime).count, snapshot.succeeded);
          }
          assert.is(figuresOf(snapshot.serviceTime).count, snapshot.succeeded);
          assert.is(figuresOf(snapshot.failedTime).count, snapshot.failed);
          dropped += outcome.dropped;
          failed += snapshot.failed;
          resent += snapshot.resent;
        },
        100,
      );
    }),
    { numRuns: 200, seed: 3 },
  );
  assert.ok(dropped > 100 && failed > 100 && resent > 100, `${dropped} ${failed} ${resent}`);
});

test("what is due or in flight while etcd is at work on itself is recorded apart too", async () => {
  await withRig(3, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ requests: 6 });
    await time.pass(21);
    // Ends before: not touched.
    transport.end(0);
    driver.momentBegins();
    await time.pass(10);
    // Ends in it.
    transport.end(1);
    await time.pass(10);
    driver.momentEnded(time.nowNs);
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
    // The client whose request ended within the moment has sent the next one in it.
    transport.end(1);
    transport.end(2);
    await rig.finish(running);
    const later = rig.snapshot();
    assert.is(later.succeeded, 2);
    assert.is(figuresOf(later.during!.serviceTime).count, 1);
  });
});

test("a request that was due in the moment is touched by it, though it was sent after", async () => {
  await withRig(1, async (rig) => {
    const { transport, time, driver } = rig;
    const running = rig.start({ requests: 3, ratePerSec: 100 });
    await time.until(() => transport.pending.size === 1);
    driver.momentBegins();
    // The second comes due while the first is out.
    await time.pass(12);
    driver.momentEnded(time.nowNs);
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

test("effects and parts are touched by what they reach into", async () => {
  await withRig(1, async (rig) => {
    const { time, driver, transport } = rig;
    const running = rig.start({ requests: 1 });
    await time.pass(21);
    driver.sample(0, 1e6);
    assert.is(rig.snapshot().during, null, "no moment yet");
    driver.momentBegins();
    await time.pass(10);
    driver.momentEnded(time.nowNs);
    await time.pass(10);
    driver.sample(0, 5e6, time.nowNs);
    assert.is(rig.snapshot().during, null, "began after it");
    driver.sample(0, 15e6, time.nowNs, 3);
    driver.sample(0, 15e6);
    driver.fail(0, 15e6, Status.UNAVAILABLE, "gone");
    const { during } = rig.snapshot();
    assert.equal([figuresOf(during!.serviceTime).count, during!.failed], [4, 1]);
    transport.end(0);
    await rig.finish(running);
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
