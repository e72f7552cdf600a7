/** The fraction of time in which a worker was busy, without the time its pacer waited. */
import { setTimeout as delay } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BusyShare } from "../../../src/load/busy-share.ts";

function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test("work counts as busy time, idle time does not, and the pacer's waiting is subtracted", async () => {
  let waitedNs = 5e9;
  const busy = new BusyShare(() => waitedNs);
  await delay(1);
  work(30);
  await delay(1);
  const worked = busy.take();
  assert.ok(worked > 0.5 && worked <= 1, `${worked}`);
  work(30);
  await delay(1);
  // The pacer waited longer than the thread worked: the share is never negative.
  waitedNs += 1e9;
  assert.is(busy.take(), 0);
});

test.run();
