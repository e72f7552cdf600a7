/** The driver's loop on a transport whose responses and clock the test controls. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { figuresOf, withRig } from "./driver-rig.ts";

test.before(initHistograms);

test("in a closed loop each client has exactly one request in flight until the total is sent", async () => {
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

test("due and sent requests are counted every second, also while responses are missing", async () => {
  await withRig(2, async (rig) => {
    const running = rig.start({ ratePerSec: 100, durationMs: 1_000 });
    await rig.time.pass(20 + 301);
    // Both clients wait for their responses, so later requests wait for a client.
    const early = rig.driver.takeSending();
    assert.is(early.started, 2);
    assert.ok(early.due === 31, `${early.due} were due`);
    for (let time = 0; time < 2_000 && running.outcome === null; time += 1) {
      for (const slot of [...rig.transport.pending.keys()]) rig.transport.end(slot);
      await rig.time.pass(1);
    }
    assert.equal(rig.driver.takeSending(), { due: 69, started: 98 });
    await rig.finish(running);
  });
});

test("a client sends the next request when it becomes idle, in its own slot", async () => {
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

test("with fewer requests than clients the other clients send nothing", async () => {
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

  test(`a ${how} phase without requests for this worker ends when it starts`, async () => {
    await withRig(2, async (rig) => {
      const running = rig.start({ requests: 0, ...(ratePerSec && { ratePerSec }) });
      const outcome = await rig.finish(running, 50);
      assert.equal([outcome.started, outcome.dropped], [0, 0]);
      assert.is(outcome.lastEndNs, running.startNs);
    });
  });

  test(`a ${how} phase ends after its duration, and waits for requests in flight`, async () => {
    await withRig(2, async (rig) => {
      const { transport, time } = rig;
      const running = rig.start({ durationMs: 100, ...(ratePerSec && { ratePerSec }) });
      await time.until(() => transport.pending.size === 2);
      transport.end(0);
      await time.until(() => time.nowNs > running.startNs + 150e6, 200);
      assert.is(running.outcome, null);
      const sent = transport.calls.length;
      if (ratePerSec !== undefined) {
        transport.onCall = ({ slot }) => setTimeout(() => transport.end(slot), 1);
      }
      for (const slot of [...transport.pending.keys()]) transport.end(slot);
      const outcome = await rig.finish(running);
      assert.ok(outcome.lastEndNs > running.startNs + 149e6);
      if (ratePerSec === undefined) {
        assert.is(transport.calls.length, sent, "sent after the end");
        assert.ok(outcome.lastSendNs < running.startNs + 100e6);
      } else {
        assert.equal([outcome.started, outcome.dropped], [10, 0], "what was due is still sent");
      }
    });
  });

  test(`timers that fire early neither shorten nor hang a ${how} phase`, async () => {
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

  test(`a ${how} phase ends at its total or its duration, whichever comes first`, async () => {
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

test("each phase starts with the workload's first request, whatever ran before", async () => {
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

/** How a server may handle one call. */
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

test("offered is succeeded + failed + dropped, for any failures and any time of the end", async () => {
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
              // The call may have been cancelled, and the slot may have another call.
              if (transport.pending.get(call.slot) !== call) return;
              if (end === "refuse") transport.refuse(call.slot);
              else transport.end(call.slot, end === "ok" ? 0 : 14, "it fails");
            }, delayMs);
          };
          const { requests = Number.POSITIVE_INFINITY, ratePerSec, durationMs, stopAfterMs } = plan;
          const running = rig.start({ requests, durationMs, ...(ratePerSec && { ratePerSec }) });
          if (stopAfterMs !== undefined) setTimeout(() => driver.stop(20), stopAfterMs);
          // Timers for cancelled calls may be left, so only the end of the phase is checked.
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

test.run();
