/** Tests the share of a schedule that was sent at its pace. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PhaseDoneMessage } from "../../../src/load/messages.ts";
import { SendSpans } from "../../../src/run/send-spans.ts";

const START_NS = 5e9;

function shareOf(ratePerSec: number | null, lastDueMs: number, lateMs: number): number | null {
  const spans = new SendSpans(ratePerSec);
  const lastDueNs = START_NS + lastDueMs * 1e6;
  const done = { lastDueNs, lastSendNs: lastDueNs + lateMs * 1e6 } as PhaseDoneMessage;
  spans.add(START_NS, [done]);
  return spans.sentShare;
}

test("a schedule of one request that is sent late keeps its pace, as one that has an hour for it", () => {
  assert.ok(shareOf(1 / 3600, 0, 400)! > 0.999);
  assert.ok(shareOf(1 / 60, 0, 400)! > 0.99);
});

test("a schedule that took twice its time to be sent was sent at half of its pace", () => {
  assert.ok(Math.abs(shareOf(1000, 2000, 2000)! - 0.5) < 0.001);
  assert.is(shareOf(1000, 2000, 19), 1);
});

test.run();
