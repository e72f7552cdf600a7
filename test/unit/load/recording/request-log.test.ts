import { test } from "uvu";
import * as assert from "uvu/assert";
import { outcomesOf } from "../../../../src/failover/outcomes.ts";
import { buffersOf, RequestLog } from "../../../../src/load/recording/request-log.ts";

test("added requests are taken once, with their times converted to the other clock", () => {
  const log = new RequestLog();
  for (let n = 0; n < 3_000; n++) log.add(n % 3, n, n + 10, 14, n * 2, 7, 8);
  const chunk = log.take(1_000)!;
  assert.is(chunk.dueNs.length, 3_000);
  assert.equal(
    [chunk.dueNs[2_999], chunk.endNs[2_999], chunk.status[5], chunk.group[2_999]],
    [3_999, 4_009, 14, 2],
  );
  assert.equal([chunk.number[2_999], chunk.revision[0], chunk.known[0]], [5_998, 7, 8]);
  assert.is(log.take(0), null);
});

test("an empty log allocates no arrays", () => {
  assert.is(new RequestLog().take(0), null);
});

test("a chunk transfers all its buffers", () => {
  const log = new RequestLog();
  log.add(0, 1, 2, 0);
  const chunk = log.take(0)!;
  const moved = structuredClone(chunk, { transfer: buffersOf(chunk) });
  assert.is(moved.endNs[0], 2);
  assert.is(chunk.endNs.length, 0);
});

test("the outcomes of a run are ordered by their due time", () => {
  const log = new RequestLog();
  log.add(0, 5e6, 9e6, 0, 1);
  log.add(0, 3e6, 4e6, 0, 2);
  const first = log.take(0)!;
  log.add(0, 1e6, 2e6, 0, 3);
  const all = outcomesOf([first, log.take(0)!], 1e6);
  assert.equal([...all.number], [3, 2, 1]);
  assert.equal([...all.dueMs], [0, 2, 4]);
});

test.run();
