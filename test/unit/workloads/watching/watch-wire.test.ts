/** Watches over a scripted connection: events, acknowledgements and puts. */
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isTokenRefused } from "../../../../src/access/token-refused.ts";
import { initHistograms } from "../../../../src/stats/histogram.ts";
import { TokenHolder } from "../../../../src/wire/token-holder.ts";
import { figuresOf } from "../../load/driver-rig.ts";
import { BOTH, NONE, ONE, TWO } from "./watch-ids.ts";
import { WATCHERS, watchPeer } from "./watch-peer.ts";

test.before(initHistograms);

/** The watch_id with which etcd refuses a watcher. */
const NONE_NAMED = -1;

/** How long a put waits for a stream. */
const HELD_MS = 300;

test("events are counted before and after the acknowledgement, in any frames", async () => {
  const { created, put, delivery, afterAck } = await watchPeer({
    puts: 2,
    async serve(etcd) {
      const first = await etcd.expectPut();
      for (const watchId of BOTH) etcd.respond({ watchId, events: [first.event] });
      etcd.acknowledge(first);
      const second = await etcd.expectPut();
      etcd.acknowledge(second);
      etcd.respondInPieces({ watchId: ONE, events: [second.event] }, 7);
      etcd.respondInPieces({ watchId: TWO, events: [second.event] }, 1);
    },
  });
  assert.equal([created.succeeded, created.failed], [WATCHERS, 0]);
  assert.equal([put.succeeded, put.failed], [2, 0]);
  assert.equal([delivery.succeeded, delivery.failed, delivery.counters], [4, 0, {}]);
  assert.is(afterAck.succeeded, 4);
  // Events before the acknowledgement count as 0 after it: 1 ns, the histogram's minimum.
  assert.is(figuresOf(afterAck.serviceTime).minMs, 0.000001);
  assert.ok(figuresOf(delivery.serviceTime).minMs > figuresOf(afterAck.serviceTime).minMs);
});

test("watch-latency: paced puts, with previous values and progress notifications between events", async () => {
  const puts = 5;
  const { put, delivery, outcome } = await watchPeer({
    puts,
    ratePerSec: 200,
    spec: { prevKv: true, progressNotify: true },
    async serve(etcd) {
      for (const { prevKv, progressNotify, startRevision } of etcd.creations) {
        assert.equal([prevKv, progressNotify, startRevision], [true, true, "0"]);
      }
      for (let n = 0; n < puts; n++) {
        const { event, ...made } = await etcd.expectPut();
        const prevKv = { key: Buffer.alloc(4), value: Buffer.alloc(300, 0x11), modRevision: 3 };
        const progress = { header: { revision: made.revision } };
        const events = [{ ...event, prevKv }];
        etcd.respond(
          { ...progress, watchId: ONE },
          { ...progress, watchId: ONE, events },
          // A notification for all watchers of the stream.
          { ...progress, watchId: -1 },
          { ...progress, watchId: TWO, events },
        );
        etcd.acknowledge({ ...made, event });
      }
    },
  });
  assert.is(put.succeeded, puts);
  assert.is(figuresOf(put.responseTime).count, puts);
  assert.is(outcome.dropped, 0);
  assert.is(delivery.succeeded, puts * WATCHERS);
  assert.equal(delivery.counters, { progressNotifications: puts * 2 });
});

test("a watcher refused because of its token is created again on a new stream with a new token", async () => {
  const refusal = "rpc error: code = Unauthenticated desc = etcdserver: invalid auth token";
  const asked: string[] = [];
  const token = new TokenHolder(
    "t1",
    (refused) => {
      asked.push(refused);
      setImmediate(() => token.renewed(`t${asked.length + 1}`));
    },
    isTokenRefused,
  );
  const { created, delivery } = await watchPeer({
    puts: 1,
    token,
    async create(etcd) {
      await etcd.expectCreation();
      // etcd gives no watch_id when it refuses a watcher.
      etcd.respond({ watchId: NONE_NAMED, created: true, canceled: true, cancelReason: refusal });
      await etcd.expectStreamEnd();
      assert.is(await etcd.expectCreation(), ONE);
      etcd.respond({ watchId: ONE, created: true });
      assert.is(await etcd.expectCreation(), TWO);
      etcd.respond({ watchId: NONE_NAMED, created: true, canceled: true, cancelReason: refusal });
      await etcd.expectStreamEnd();
      // The watcher that was already created is created first.
      assert.is(await etcd.expectCreation(), ONE);
      assert.is(await etcd.expectCreation(), TWO);
      for (const watchId of BOTH) etcd.respond({ watchId, created: true });
    },
    async serve(etcd) {
      const put = await etcd.expectPut();
      for (const watchId of BOTH) etcd.respond({ watchId, events: [put.event] });
      etcd.acknowledge(put);
    },
  });
  assert.equal(asked, ["t1", "t2"]);
  assert.equal([created.succeeded, created.failed], [WATCHERS, 0]);
  assert.equal([delivery.succeeded, delivery.failed, delivery.counters], [WATCHERS, 0, {}]);
});

test("events that etcd splits over responses or joins in one are counted alike", async () => {
  const { delivery } = await watchPeer({
    puts: 3,
    async serve(etcd) {
      const first = await etcd.expectPut();
      etcd.respond(
        { watchId: ONE, fragment: true, events: [first.event] },
        { watchId: ONE, fragment: false },
      );
      etcd.acknowledge(first);
      const next = await etcd.expectPut();
      etcd.acknowledge(next);
      // The second watcher gets the events of two puts in one response, the first one by one.
      etcd.respond({ watchId: TWO, events: [first.event, next.event] });
      etcd.respond({ watchId: ONE, events: [next.event] });
      const last = await etcd.expectPut();
      for (const watchId of BOTH) etcd.respond({ watchId, events: [last.event] });
      etcd.acknowledge(last);
    },
  });
  assert.is(delivery.succeeded, 6);
  // The empty last fragment has no event and counts as a progress notification.
  assert.equal(delivery.counters, { progressNotifications: 1 });
});

test("doubled, foreign and unexpected events are counted, and are not awaited", async () => {
  const { delivery } = await watchPeer({
    puts: 1,
    async serve(etcd) {
      const made = await etcd.expectPut();
      const foreign = { kv: { key: Buffer.alloc(4), value: Buffer.alloc(8), modRevision: 90 } };
      etcd.respond(
        { watchId: ONE, events: [foreign, made.event, made.event] },
        { watchId: NONE, events: [made.event] },
        { watchId: TWO, events: [made.event] },
      );
      etcd.acknowledge(made);
    },
  });
  assert.is(delivery.succeeded, WATCHERS);
  assert.equal(delivery.counters, { doubled: 1, foreign: 2 });
});

test("watchers that join a stream which waits to be opened are timed from when it was", async () => {
  const { created } = await watchPeer({
    puts: 1,
    clients: WATCHERS,
    settings: { maxConcurrentStreams: 0 },
    async create(etcd) {
      await sleep(HELD_MS);
      etcd.connection.sendSettings({ maxConcurrentStreams: 2 });
      await etcd.connection.expectSettingsAck();
      await etcd.createAll();
    },
    async serve(etcd) {
      const made = await etcd.expectPut();
      const events = [made.event];
      etcd.respond({ watchId: ONE, events }, { watchId: TWO, events });
      etcd.acknowledge(made);
    },
  });
  assert.is(created.succeeded, WATCHERS);
  assert.is(created.counters.heldBack, WATCHERS);
  assert.ok(created.counters.heldBackUs! >= (WATCHERS * HELD_MS * 1e3) / 2);
  const { maxMs } = figuresOf(created.serviceTime);
  assert.ok(maxMs < HELD_MS / 2, `${maxMs} ms`);
});

test("the delivery of a put that waited for a stream is timed from when the put left", async () => {
  const { put, delivery } = await watchPeer({
    puts: 1,
    ratePerSec: 200,
    async create(etcd) {
      await etcd.createAll();
      etcd.connection.sendSettings({ maxConcurrentStreams: 1 });
      await etcd.connection.expectSettingsAck();
    },
    async serve(etcd) {
      await sleep(HELD_MS);
      etcd.connection.sendSettings({ maxConcurrentStreams: 2 });
      await etcd.connection.expectSettingsAck();
      const made = await etcd.expectPut();
      const events = [made.event];
      etcd.respond({ watchId: ONE, events }, { watchId: TWO, events });
      etcd.acknowledge(made);
    },
  });
  assert.is(put.counters.heldBack, 1);
  for (const { serviceTime, responseTime } of [put, delivery]) {
    assert.ok(figuresOf(serviceTime).maxMs < HELD_MS / 2, `${figuresOf(serviceTime).maxMs} ms`);
    assert.ok(figuresOf(responseTime).maxMs > HELD_MS / 2);
  }
});

test.run();
