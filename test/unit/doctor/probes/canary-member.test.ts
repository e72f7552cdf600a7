/** The canary on a member that sends no event, and on one that answers after the end. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nowNs } from "../../../../src/clock.ts";
import { CanaryMember } from "../../../../src/doctor/probes/canary-member.ts";
import {
  type Answer,
  CallError,
  type MemberCalls,
  type StreamListener,
} from "../../../../src/doctor/probes/member-calls.ts";
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

interface Unanswered {
  resolve(answer: Answer<never>): void;
  reject(error: CallError): void;
}

/** As `silentCalls`, and hands over the calls that wait for their answers, in the order of their slots. */
function callsAnsweredByHand(): { calls: MemberCalls; unanswered: Map<number, Unanswered> } {
  const unanswered = new Map<number, Unanswered>();
  const calls = Object.assign(silentCalls(), {
    isFree: (slot: number) => !unanswered.has(slot),
    call: (slot: number) =>
      new Promise<Answer<never>>((resolve, reject) => {
        unanswered.set(slot, { resolve, reject });
      }),
  } satisfies Partial<MemberCalls>);
  return { calls, unanswered };
}

test("requests in flight at the end count as failed, and their late answers are ignored", async () => {
  await initHistograms();
  const { calls, unanswered } = callsAnsweredByHand();
  const prefix = Buffer.from("bench-doctor/");
  const member = new CanaryMember({ name: "m1", calls, firstSlot: 1, prefix, lease: "7" });
  await member.open();
  member.write(0, true);
  member.read();
  const [write, linearizable, serializable] = [...unanswered.values()];
  serializable!.resolve({ message: {} as never, ms: 2 });
  await Promise.resolve();
  const sentBeforeNs = nowNs();
  while (nowNs() - sentBeforeNs < 2e6);
  const latency = member.result();
  for (const kind of ["write", "linearizableRead"] as const) {
    const { count, failed, faults, atLeast } = latency[kind];
    assert.equal([count, failed, faults], [0, 1, ["no answer came"]], kind);
    assert.ok(atLeast!.maxMs! >= 2, `${kind}: it had waited, ${atLeast!.maxMs} ms`);
  }
  const { count, failed } = latency.serializableRead;
  assert.equal([count, failed], [1, 0]);

  // Histograms are destroyed by now: an answer that is recorded would be an unhandled rejection.
  const unhandled: unknown[] = [];
  const listener = (cause: unknown) => unhandled.push(cause);
  process.on("unhandledRejection", listener);
  try {
    write!.resolve({ message: {} as never, ms: 9 });
    linearizable!.reject(new CallError(4, "no answer in 5000 ms", 5_000));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", listener);
  }
  assert.equal(unhandled, []);
});

test.run();
