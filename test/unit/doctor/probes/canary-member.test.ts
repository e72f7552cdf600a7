/** The canary's watch on a member that creates the watch and then sends no event. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs } from "../../../../src/clock.ts";
import { CanaryMember } from "../../../../src/doctor/probes/canary-member.ts";
import type { MemberCalls, StreamListener } from "../../../../src/doctor/probes/member-calls.ts";
import { initHistograms } from "../../../../src/stats/histogram.ts";

const TURN_NS = 100e6;

/** Creates the watch, and answers nothing else. */
function silentCalls(): MemberCalls {
  const calls: Pick<MemberCalls, "endpoint" | "isFree" | "call" | "stream" | "sendAgain"> = {
    endpoint: "127.0.0.1:1",
    isFree: () => true,
    call: () => new Promise(() => {}),
    stream(_slot, [service], _request, listener) {
      if (service !== "etcdserverpb.Watch") return;
      const created = { created: true, canceled: false, cancelReason: "", events: [] };
      (listener as StreamListener<object>).onMessage(created, nowNs());
    },
    sendAgain: () => {},
  };
  return calls as MemberCalls;
}

test("a missing event is given up after a minute, so that a day of them fits in memory", async () => {
  await initHistograms();
  const prefix = Buffer.from("bench-doctor/");
  const calls = silentCalls();
  const member = new CanaryMember({ name: "m1", calls, firstSlot: 1, prefix, lease: "7" });
  await member.open();
  const startNs = nowNs() - 24 * 3_600 * 1e9;
  const puts = 20_000;
  for (let turn = 0; turn < puts; turn++) member.expectEvent(turn, startNs + turn * TURN_NS);
  assert.ok(member.isWaiting);
  const { watchEvent } = member.result();
  assert.equal([watchEvent.count, watchEvent.failed], [0, puts]);
  // Only the events of the last minute were still expected.
  assert.equal(watchEvent.faults, ["no event in 60000 ms", "no event came"]);
  assert.not.ok(member.isWaiting);
});

test.run();
