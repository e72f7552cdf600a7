/** Tests the figures of a series: open intervals, received data, and requests during events. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { figuresOf, OpenInterval } from "../../../src/run/open-interval.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import {
  collectorOf,
  done,
  MS,
  near,
  ORIGIN_NS,
  recorded,
  recorder,
  snapshot,
} from "./snapshots.ts";

test.before(initHistograms);

test("an open interval spans its workers' seconds, and has percentiles if it has enough samples", () => {
  const open = new OpenInterval();
  const many = Array.from({ length: 1_000 }, (_, index) => (index + 1) / 10);
  open.add(snapshot(3, 3_000, 4_000), recorded({ succeededMs: many }));
  open.add(snapshot(3, 2_990, 4_020), recorded({ failedMs: [1, 200] }));
  assert.is(open.snapshots, 2);
  const interval = figuresOf(open.close(), ORIGIN_NS);
  near(interval.startSeconds, 2.99);
  near(interval.durationSeconds, 1.03);
  assert.equal([interval.succeeded, interval.failed], [1_000, 2]);
  assert.equal([interval.meanMs, interval.maxMs], [null, null]);
  near(interval.atLeast!.meanMs!, 50.15);
  near(interval.p99Ms, 99.2);
  near(interval.atLeast!.maxMs!, 200);
  assert.is(interval.responseP99Ms, null);
});

test("an open interval without enough samples leaves its figures out", () => {
  const few = new OpenInterval();
  few.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [5], responseMs: [50] }));
  const { p50Ms, p99Ms, meanMs, responseP99Ms } = figuresOf(few.close(), ORIGIN_NS);
  assert.equal([p50Ms, p99Ms, responseP99Ms], [null, null, null]);
  near(meanMs, 5);
  const none = new OpenInterval();
  none.add(snapshot(0, 0, 1_000), recorded({}));
  const empty = figuresOf(none.close(), ORIGIN_NS);
  assert.equal([empty.meanMs, empty.maxMs, empty.succeeded], [null, null, 0]);
});

test("the figures of an interval free the memory of its histograms", () => {
  const rssBefore = process.memoryUsage.rss();
  for (let second = 0; second < 300; second++) {
    const open = new OpenInterval();
    open.add(snapshot(second, 0, 1_000), recorded({ succeededMs: [1], responseMs: [1] }));
    figuresOf(open.close(), ORIGIN_NS);
  }
  // One histogram kept for each second would take 81 MB.
  const grownBytes = process.memoryUsage.rss() - rssBefore;
  assert.ok(grownBytes < 78e6, `${grownBytes} bytes more`);
});

test("received keys and bytes add up, and are 0 in a second without answers", () => {
  const receiving = (keys: number, bytes: number) => ({
    ...recorded({ succeededMs: [1] }),
    received: { keys, bytes },
  });
  const collector = collectorOf();
  collector.add(snapshot(0, 0, 1_000), receiving(3, 500), ORIGIN_NS);
  collector.add(snapshot(1, 1_000, 2_000), recorded({}), ORIGIN_NS);
  collector.add(snapshot(2, 2_000, 3_000), receiving(5, 700), ORIGIN_NS);
  collector.endSlice(ORIGIN_NS, [done({ lastEndNs: ORIGIN_NS + 4_000 * MS })], ORIGIN_NS);
  const { received, intervals } = collector.result(1);
  assert.equal(received, { keys: 8, bytes: 1_200, keysPerSec: 2, bytesPerSec: 300 });
  assert.equal(
    intervals.map(({ receivedKeys, receivedBytes }) => [receivedKeys, receivedBytes]),
    [
      [3, 500],
      [0, 0],
      [5, 700],
    ],
  );
  collector.destroy();
});

test("operations that do not count received data have no such figures", () => {
  const collector = collectorOf();
  collector.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [1] }), ORIGIN_NS);
  collector.endSlice(ORIGIN_NS, [done({ lastEndNs: ORIGIN_NS + 1_000 * MS })], ORIGIN_NS);
  const { received, intervals } = collector.result(1);
  assert.equal([received, intervals[0]!.receivedKeys], [null, null]);
  collector.destroy();
});

test("requests during events have their own figures, and so have all others", () => {
  const collector = collectorOf({ isPaced: true });
  const touching = recorded({ succeededMs: [1], responseMs: [2] });
  recorder!.succeededPaced(30 * MS, 40 * MS, true);
  recorder!.failed(50 * MS, 60 * MS, 14, "gone", true);
  collector.add(snapshot(0, 0, 1_000), touching, ORIGIN_NS);
  collector.add(snapshot(1, 1_000, 2_000), recorder!.takeSnapshot(), ORIGIN_NS);
  recorder!.succeededPaced(3 * MS, 4 * MS);
  recorder!.failed(5 * MS, 6 * MS, 14, "gone");
  collector.add(snapshot(2, 2_000, 3_000), recorder!.takeSnapshot(), ORIGIN_NS);
  collector.endSlice(ORIGIN_NS, [done({ started: 5 })], ORIGIN_NS);
  const { moments, serviceTime } = collector.result(1);
  const { during, outside } = moments!;
  assert.equal([during.failed, outside.failed], [1, 1]);
  assert.equal([during.serviceTime.count, outside.serviceTime.count], [1, 2]);
  near(during.serviceTime.atLeast!.maxMs!, 50);
  near(during.responseTime!.atLeast!.maxMs!, 60);
  near(outside.serviceTime.atLeast!.maxMs!, 5);
  near(outside.responseTime!.atLeast!.maxMs!, 6);
  near(outside.serviceTime.minMs, 1);
  assert.equal([during.serviceTime.missing!.count, outside.responseTime!.missing!.count], [1, 1]);
  near(serviceTime.atLeast!.maxMs!, 50);
  collector.destroy();
});

test("a run without requests during events has no such figures", () => {
  const collector = collectorOf();
  collector.add(snapshot(0, 0, 1_000), recorded({ succeededMs: [1] }), ORIGIN_NS);
  assert.is(collector.result(1).moments, null);
  collector.destroy();
});

test.run();
