/** Events that watchers miss, and catch-ups that end early. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { created, events, named, RESPONSE, sampled, started, TIMEOUT_MS } from "./watch-get-rig.ts";

test("skipped events are missing, repeated ones are doubled, and others are foreign", () => {
  const { rig, workload, streams } = started({ watchers: 1 });
  const [stream] = streams;
  events(rig, stream!, 1, 5, 8);
  assert.equal(rig.counts, { missing: 1 });
  events(rig, stream!, 1, 7, 8);
  events(rig, stream!, 1, 6);
  events(rig, stream!, 9, 5);
  assert.equal(rig.counts, { missing: 1, doubled: 2, foreign: 2 });
  assert.is(workload.unsettled, 0);
  assert.is(sampled(rig, 1).length, 2);
});

test("events of a watcher that the server refuses or cancels are missing", () => {
  const { rig, workload, streams } = started({ watchers: 3 });
  const [stream] = streams;
  created(rig, stream!, 1);
  rig.answer(stream!, RESPONSE, {
    watchId: named(2),
    created: true,
    canceled: true,
    cancelReason: "no such user",
  });
  assert.equal(rig.failures, [{ series: 3, status: 10, message: "no such user" }]);
  events(rig, stream!, 1, 5);
  rig.answer(stream!, RESPONSE, { watchId: named(1), canceled: true, compactRevision: 8 });
  assert.equal(rig.counts, { missing: 5, lostWatchers: 1 });
  assert.is(workload.unsettled, 3);
});

test("a stream that ends loses its watchers, created or not, and the phase can end", () => {
  const { rig, workload, streams } = started({ watchers: 3 });
  const [stream] = streams;
  created(rig, stream!, 1);
  events(rig, stream!, 1, 5);
  rig.finish(stream!, 14, "connection reset");
  assert.is(workload.unsettled, 0);
  assert.equal(rig.counts, { missing: 8, lostWatchers: 1 });
  assert.is(rig.failures.length, 2);
  assert.ok(rig.enoughTimes > 0);
});

test("an invalid message ends its stream", () => {
  const { rig, workload, streams } = started({ watchers: 1 });
  const garbled = Uint8Array.from([0x5a, 0x7f, 0x00]);
  workload.onMessage(streams[0]!, garbled, 0, garbled.length, 1);
  assert.equal(rig.cancelled, streams);
  assert.match(rig.failures[0]!.message, /no protobuf message/);
  assert.equal(rig.counts, { missing: 3 });
});

test("a catch-up without progress is given up after the timeout, and later events are late", () => {
  const { rig, workload, streams } = started({ watchers: 1 });
  events(rig, streams[0]!, 1, 5);
  workload.tick(TIMEOUT_MS * 1e6);
  assert.is(workload.unsettled, 2);
  workload.tick(TIMEOUT_MS * 1e6 + 1);
  assert.is(workload.unsettled, 0);
  assert.equal(rig.counts, { missing: 2 });
  assert.is(rig.enoughTimes, 1);
  events(rig, streams[0]!, 1, 7);
  assert.equal(rig.counts, { missing: 2, late: 1 });
});

test("watchers that were never created are counted as failures, including those not yet requested", () => {
  const { rig, workload, streams } = started({ watchers: 600 });
  created(rig, streams[0]!, 1);
  workload.tick(TIMEOUT_MS * 1e6 + 1);
  const failures = rig.failures.filter(({ series }) => series === 3);
  assert.is(sampled(rig, 3).length + failures.length, 600);
  const messages = new Set(failures.map(({ message }) => message));
  assert.equal([...messages], ["no answer within the timeout", "not asked for within the timeout"]);
});

test("when the user stops a run, the remaining events are not awaited instead of missing", () => {
  const { rig, workload, streams } = started({ watchers: 1 });
  events(rig, streams[0]!, 1, 5);
  workload.giveUp(1, true);
  assert.equal(rig.counts, { notAwaited: 2 });
  assert.is(workload.unsettled, 0);
});

test("thousands of watchers are created with a few hundred requests in flight", () => {
  const { rig, streams } = started({ watchers: 2_000 });
  const [stream] = streams;
  const asked = () => rig.pending.get(stream!)!.sent.length;
  assert.is(asked(), 500);
  created(rig, stream!, 1);
  assert.is(asked(), 501);
  for (let id = 2; id <= 2_000; id++) created(rig, stream!, id);
  assert.is(asked(), 2_000);
});

test.run();
