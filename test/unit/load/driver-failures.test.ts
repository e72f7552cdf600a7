/** How a driver handles calls that fail, are refused, or get no response. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { Status } from "../../../src/wire/grpc-status.ts";
import { assertNear, figuresOf, withRig } from "./driver-rig.ts";

test.before(initHistograms);

test("a call without a response is cancelled at its deadline, and its client goes on", async () => {
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

test("a failure is recorded with its code and message, and its latency separately", async () => {
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

test("an unprocessed request is sent again unchanged, once, and the second refusal fails it", async () => {
  await withRig(2, async (rig) => {
    const { transport, time } = rig;
    const running = rig.start({ requests: 4 });
    await time.pass(21);
    transport.refuse(0);
    assert.is(transport.calls.at(-1)!.slot, 0);
    assert.is(transport.calls.at(-1)!.bytes.readUIntBE(0, 6), 0);
    transport.end(0);
    transport.end(1);
    // Slot 1 now has request 3, which fails when it is refused twice.
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

test("after one refusal a client's next request may be refused and sent again too", async () => {
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

test.run();
