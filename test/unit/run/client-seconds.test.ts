/** Tests the client's counts of each second, which the reports of all workers make up. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SendingSecond } from "../../../src/load/messages.ts";
import { type ClientSecond, ClientSeconds } from "../../../src/run/client-seconds.ts";
import { done, MS, ORIGIN_NS, snapshot } from "./snapshots.ts";

function secondsOf(workers: number) {
  const seen: ClientSecond[] = [];
  const seconds = new ClientSeconds(workers, (second) => seen.push(second));
  const add = (interval: number, sending: Partial<SendingSecond>, lag: number[] = []) =>
    seconds.add(
      {
        ...snapshot(interval, interval * 1_000, (interval + 1) * 1_000),
        sending: { due: 0, started: 0, busyFraction: 0, ...sending },
      },
      lag.length === 0 ? null : Uint8Array.from(lag),
    );
  return { seen, seconds, add };
}

test("a second is complete when every worker has reported it", () => {
  const { seen, add } = secondsOf(2);
  add(0, { due: 5, started: 3, busyFraction: 0.5 }, [1]);
  add(1, { due: 1, started: 1 });
  assert.is(seen.length, 0);
  add(0, { due: 4, started: 4, busyFraction: 0.25 });
  assert.equal(seen, [
    {
      fromNs: ORIGIN_NS,
      toNs: ORIGIN_NS + 1_000 * MS,
      ...{ offered: 9, started: 7, dropped: 0 },
      ...{ dispatchLags: [Uint8Array.from([1])], busyFractions: [0.5, 0.25] },
    },
  ]);
});

test("the end of a phase completes open seconds, and adds what is missing from the phase's counts", () => {
  const { seen, seconds, add } = secondsOf(2);
  add(0, { due: 5, started: 3 });
  add(0, { due: 5, started: 3 });
  add(1, { due: 2, started: 2 });
  seconds.endPhase([done({ started: 6, dropped: 3 }), done({ started: 3 })]);
  const sums = seen.map(({ offered, started, dropped }) => [offered, started, dropped]);
  assert.equal(sums, [
    [10, 6, 0],
    [2, 2, 0],
    [0, 1, 3],
  ]);
  // The next phase counts on its own.
  add(0, { due: 1, started: 1 });
  add(0, { due: 1, started: 1 });
  seconds.endPhase([done({ started: 1 }), done({ started: 1 })]);
  assert.is(seen.length, 4);
});

test("a phase that broke off has the counts of its snapshots", () => {
  const { seen, seconds, add } = secondsOf(2);
  add(0, { due: 5, started: 3 });
  seconds.endPhase([]);
  assert.equal(
    seen.map(({ offered }) => offered),
    [5],
  );
});

test.run();
