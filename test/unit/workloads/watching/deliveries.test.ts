/** Matches events to puts, for events that come late, twice, never or unexpectedly. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Operations } from "../../../../src/load/workload.ts";
import { Deliveries } from "../../../../src/workloads/parts/watching/deliveries.ts";
import { WATCHED_NUMBERS } from "../../../../src/workloads/parts/watching/series.ts";

const { delivery: DELIVERY, deliveryAfterAck: DELIVERY_AFTER_ACK } = WATCHED_NUMBERS;

const TOKEN = 0x7e57;

function unused(): never {
  throw new Error("an account makes no calls");
}

class Noted implements Operations {
  readonly samples: { series: number; durationNs: number; count: number }[] = [];
  readonly counters: Record<string, number> = {};
  settledTimes = 0;
  call = unused;
  end = unused;
  fail = unused;
  resend = unused;
  quantity = unused;
  lost = unused;
  cancelledWatcher = unused;
  enough = unused;

  dropped = unused;
  dueNs = unused;
  readonly misses: { series: number; waitedNs: number; lateNs: number; count: number }[] = [];
  readonly lateNs: number[] = [];

  sample(series: number, durationNs: number, lateNs = 0, _nowNs = 0, count = 1): void {
    this.samples.push({ series, durationNs, count });
    this.lateNs.push(lateNs);
  }

  missed(series: number, waitedNs: number, lateNs = 0, count = 1): void {
    this.misses.push({ series, waitedNs, lateNs, count });
  }

  received(): void {}

  count(series: number, name: string, amount: number): void {
    assert.is(series, DELIVERY);
    this.counters[name] = (this.counters[name] ?? 0) + amount;
  }

  settled(): void {
    this.settledTimes += 1;
  }

  /** The number of samples of a series. */
  sampled(series: number): number {
    const own = this.samples.filter((sample) => sample.series === series);
    return own.reduce((sum, { count }) => sum + count, 0);
  }
}

/** Two watchers (0, 1) of key 0 and one (2) of key 1. */
function account(): { noted: Noted; deliveries: Deliveries } {
  const noted = new Noted();
  const deliveries = new Deliveries(noted, TOKEN, 3, 2);
  deliveries.alive(0, 0, 1);
  deliveries.alive(1, 0, 1);
  deliveries.alive(2, 1, 1);
  return { noted, deliveries };
}

test("each event of a put is one sample from its send and one from its acknowledgement", () => {
  const { noted, deliveries } = account();
  const put = deliveries.put(0, 1_000);
  assert.is(deliveries.unsettled, 2);
  deliveries.delivered(0, 0, put, 10, 1_500);
  deliveries.acked(put, 2_000);
  deliveries.delivered(1, 0, put, 10, 2_700);
  assert.equal(noted.samples, [
    { series: DELIVERY, durationNs: 500, count: 1 },
    { series: DELIVERY_AFTER_ACK, durationNs: 0, count: 1 },
    { series: DELIVERY, durationNs: 1_700, count: 1 },
    { series: DELIVERY_AFTER_ACK, durationNs: 700, count: 1 },
  ]);
  assert.is(deliveries.unsettled, 0);
  assert.is(noted.settledTimes, 1);
  assert.equal(noted.counters, {});
});

test("an event is as late as its put was, and a missing one has waited since its put", () => {
  const { noted, deliveries } = account();
  const put = deliveries.put(0, 1_000, 400);
  deliveries.delivered(0, 0, put, 10, 1_500);
  deliveries.acked(put, 1_600);
  assert.equal(noted.lateNs, [600, 0]);
  deliveries.giveUp(9_000);
  const unacked = deliveries.put(1, 10_000, 9_500);
  deliveries.failed(unacked, 12_000);
  assert.equal(noted.misses, [
    { series: DELIVERY, waitedNs: 8_000, lateNs: 600, count: 1 },
    { series: DELIVERY_AFTER_ACK, waitedNs: 7_400, lateNs: 0, count: 1 },
    { series: DELIVERY, waitedNs: 2_000, lateNs: 500, count: 1 },
    { series: DELIVERY_AFTER_ACK, waitedNs: 0, lateNs: 0, count: 1 },
  ]);
});

test("a put without effect has no missing events", () => {
  const { noted, deliveries } = account();
  deliveries.failed(deliveries.put(0, 1_000, 400));
  assert.equal(noted.misses, []);
});

test("simultaneous events of one put are one record of several samples", () => {
  const { noted, deliveries } = account();
  const put = deliveries.put(0, 0);
  deliveries.acked(put, 5);
  deliveries.delivered(0, 0, put, 10, 9);
  deliveries.delivered(1, 0, put, 10, 9);
  assert.equal(noted.samples, [
    { series: DELIVERY, durationNs: 9, count: 2 },
    { series: DELIVERY_AFTER_ACK, durationNs: 4, count: 2 },
  ]);
});

test("an event that is repeated or out of order counts as doubled and is not a sample", () => {
  const { noted, deliveries } = account();
  const first = deliveries.put(1, 0);
  const second = deliveries.put(1, 0);
  deliveries.delivered(2, 1, first, 10, 1);
  deliveries.delivered(2, 1, first, 10, 2);
  deliveries.delivered(2, 1, second, 9, 3);
  assert.equal(noted.counters, { doubled: 2 });
  assert.is(noted.sampled(DELIVERY), 1);
  assert.is(deliveries.unsettled, 1);
});

test("an event of an unknown put or of another key counts as foreign", () => {
  const { noted, deliveries } = account();
  const put = deliveries.put(0, 0);
  deliveries.delivered(0, 0, put + 1, 10, 1);
  deliveries.delivered(2, 1, put, 11, 1);
  assert.equal(noted.counters, { foreign: 2 });
  assert.is(deliveries.unsettled, 2);
});

test("events not received by the final deadline are missing, and then late", () => {
  const { noted, deliveries } = account();
  const put = deliveries.put(0, 0);
  deliveries.acked(put, 1);
  deliveries.delivered(0, 0, put, 10, 2);
  deliveries.giveUp(1_000);
  assert.is(deliveries.unsettled, 0);
  assert.equal(noted.counters, { missing: 1 });
  assert.is(noted.sampled(DELIVERY), 1);
  deliveries.delivered(1, 0, put, 10, 3);
  assert.equal(noted.counters, { missing: 1, late: 1 });
});

test("the events of a failed put are not awaited; one that comes is unconfirmed, not foreign", () => {
  const { noted, deliveries } = account();
  const open = deliveries.put(1, 0);
  const put = deliveries.put(0, 0);
  deliveries.failed(put);
  assert.is(deliveries.unsettled, 1);
  deliveries.delivered(0, 0, put, 10, 2);
  assert.equal(noted.counters, { unconfirmed: 1 });
  deliveries.delivered(2, 1, open, 11, 3);
  assert.is(deliveries.unsettled, 0);
});

test("the events of a put without watchers are not awaited", () => {
  const { noted, deliveries } = account();
  deliveries.alive(2, 1, -1);
  deliveries.acked(deliveries.put(1, 0), 1);
  assert.is(deliveries.unsettled, 0);
  deliveries.giveUp(1_000);
  assert.equal(noted.counters, {});
});

test("thousands of waiting puts each get their own events", () => {
  const { noted, deliveries } = account();
  const total = 10_000;
  for (let put = 0; put < total; put++) deliveries.acked(deliveries.put(0, put), put);
  assert.is(deliveries.unsettled, 2 * total);
  for (const watcher of [0, 1]) {
    for (let put = 0; put < total; put++) {
      deliveries.delivered(watcher, 0, put, 100 + put, put + 50 + watcher);
    }
  }
  assert.is(deliveries.unsettled, 0);
  assert.is(noted.sampled(DELIVERY), 2 * total);
  assert.ok(noted.samples.every(({ durationNs }) => durationNs === 50 || durationNs === 51));
  assert.equal(noted.counters, {});
});

test("a put that has waited in the client is timed from when it left, and is as late in response time", () => {
  const { noted, deliveries } = account();
  const put = deliveries.put(0, 1_000, 400);
  deliveries.sent(put, 1_400);
  deliveries.delivered(0, 0, put, 10, 1_500);
  deliveries.acked(put, 1_600);
  deliveries.giveUp(9_000);
  assert.equal(noted.samples[0], { series: DELIVERY, durationNs: 100, count: 1 });
  assert.equal(noted.lateNs, [1_000, 0]);
  assert.equal(noted.misses[0], { series: DELIVERY, waitedNs: 7_600, lateNs: 1_000, count: 1 });
});

test.run();
