/** The share of a second in which a worker had work, without what its pacer waited. */
import { setTimeout as delay } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BusyShare } from "../../../src/load/busy-share.ts";

function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test("work counts, rest does not, and what the pacer waited is taken off", async () => {
  let waitedNs = 5e9;
  const busy = new BusyShare(() => waitedNs);
  await delay(1);
  work(30);
  await delay(1);
  const worked = busy.take();
  assert.ok(worked > 0.5 && worked <= 1, `${worked}`);
  work(30);
  await delay(1);
  // More than the thread worked: a share is never below none.
  waitedNs += 1e9;
  assert.is(busy.take(), 0);
});

test.run();
