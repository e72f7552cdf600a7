/** Watchers that etcd cancels, streams that end, and events that never come. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms } from "../../../../src/stats/histogram.ts";
import { ErrorCode } from "../../../../src/wire/frames.ts";
import { patient } from "../../../harness/patience.ts";
import { BOTH, ONE, TWO } from "./watch-ids.ts";
import { WATCHERS, watchPeer } from "./watch-peer.ts";

test.before(initHistograms);

test("a watcher that etcd cancels is lost, and later puts wait only for the other one", async () => {
  const { put, delivery } = await watchPeer({
    puts: 2,
    async serve(etcd) {
      const first = await etcd.expectPut();
      for (const watchId of BOTH) etcd.respond({ watchId, events: [first.event] });
      etcd.respond({
        watchId: TWO,
        canceled: true,
        compactRevision: 500,
        cancelReason: "etcdserver: mvcc: required revision has been compacted",
      });
      etcd.acknowledge(first);
      const second = await etcd.expectPut();
      etcd.respond({ watchId: ONE, events: [second.event] });
      etcd.acknowledge(second);
    },
  });
  assert.is(put.succeeded, 2);
  assert.is(delivery.succeeded, 3);
  assert.equal(delivery.counters, { lostWatchers: 1 });
  const reason = "etcdserver: mvcc: required revision has been compacted";
  assert.equal(delivery.losses, [{ cause: "cancelled", reason, count: 1 }]);
});

test("a cancelled watcher whose response has only a compact revision gets compaction as its reason", async () => {
  const { delivery } = await watchPeer({
    puts: 1,
    async serve(etcd) {
      const made = await etcd.expectPut();
      for (const watchId of BOTH) etcd.respond({ watchId, events: [made.event] });
      etcd.respond({ watchId: TWO, canceled: true, compactRevision: 500 });
      etcd.acknowledge(made);
    },
  });
  const reason = "etcdserver: mvcc: required revision has been compacted, up to 500";
  assert.equal(delivery.losses, [{ cause: "cancelled", reason, count: 1 }]);
});

test("a watcher that etcd refuses fails with etcd's reason", async () => {
  const { created, delivery } = await watchPeer({
    puts: 1,
    async create(etcd) {
      await etcd.expectCreation();
      etcd.respond({ watchId: -1, created: true, canceled: true, cancelReason: "not for you" });
      etcd.respond({ watchId: await etcd.expectCreation(), created: true });
    },
    async serve(etcd) {
      const made = await etcd.expectPut();
      etcd.respond({ watchId: TWO, events: [made.event] });
      etcd.acknowledge(made);
    },
  });
  assert.equal([created.succeeded, created.failed], [1, 1]);
  assert.equal(created.errors, [{ code: "ABORTED", message: "not for you", count: 1 }]);
  assert.equal([delivery.succeeded, delivery.counters], [1, {}]);
});

test("a stream that is reset while events are due loses its watchers, and their events are not awaited", async () => {
  const { put, delivery } = await watchPeer({
    puts: 2,
    async serve(etcd) {
      const first = await etcd.expectPut();
      etcd.respond({ watchId: ONE, events: [first.event] });
      // Half of the second watcher's event is sent.
      etcd.respondInPieces({ watchId: TWO, events: [first.event] }, 20);
      etcd.acknowledge(first);
      const second = await etcd.expectPut();
      etcd.respond({ watchId: ONE, events: [second.event] });
      etcd.connection.sendRstStream(etcd.watchStreamId, ErrorCode.INTERNAL_ERROR);
      etcd.acknowledge(second);
    },
  });
  assert.is(put.succeeded, 2);
  assert.is(delivery.succeeded, 3);
  assert.equal(delivery.counters, { missing: 1, lostWatchers: 2 });
});

test("a stream that ends with OK and a partial message loses its watchers too", async () => {
  const { delivery } = await watchPeer({
    puts: 1,
    async serve(etcd) {
      const made = await etcd.expectPut();
      etcd.acknowledge(made);
      etcd.connection.sendData(etcd.watchStreamId, Buffer.from([0, 0, 0, 0, 9, 1, 2]));
      etcd.connection.sendHeaders(etcd.watchStreamId, { "grpc-status": "0" }, { endStream: true });
    },
  });
  assert.is(delivery.succeeded, 0);
  assert.equal(delivery.counters, { missing: 2, lostWatchers: 2 });
});

test("an invalid message makes the client reset the stream", async () => {
  const { delivery } = await watchPeer({
    puts: 1,
    async serve(etcd) {
      const made = await etcd.expectPut();
      // An event that is longer than its message.
      etcd.connection.sendData(etcd.watchStreamId, Buffer.from([0, 0, 0, 0, 2, 0x5a, 0x7f]));
      const { streamId } = await etcd.connection.expectRstStream();
      assert.is(streamId, etcd.watchStreamId);
      etcd.acknowledge(made);
    },
  });
  assert.equal(delivery.counters, { missing: 2, lostWatchers: 2 });
});

test("a closed connection fails the put in flight and loses the watchers; later puts use the next one", async () => {
  const { put, delivery } = await watchPeer({
    puts: 2,
    async serve(etcd, peer) {
      const lost = await etcd.expectPut();
      etcd.respond({ watchId: ONE, events: [lost.event] });
      etcd.connection.close();
      etcd.connection = await peer.accept();
      await etcd.connection.handshake();
      etcd.acknowledge(await etcd.expectPut());
    },
  });
  assert.equal([put.succeeded, put.failed], [1, 1]);
  assert.is(put.errors[0]?.code, "UNAVAILABLE");
  // The received event counts; the other one is not missing, since etcd may not have the put.
  assert.is(delivery.succeeded, 1);
  assert.equal(delivery.counters, { lostWatchers: 2 });
  const [loss, ...others] = delivery.losses;
  assert.equal([loss!.cause, loss!.count, others], ["stream-ended", 2, []]);
  assert.match(loss!.reason, /^UNAVAILABLE: ./);
});

test("events that do not come within the timeout are missing, and the run ends", async () => {
  const { put, delivery } = await watchPeer({
    puts: 1,
    timeoutMs: patient(300),
    async serve(etcd) {
      const made = await etcd.expectPut();
      etcd.respond({ watchId: TWO, events: [made.event] });
      etcd.acknowledge(made);
    },
  });
  assert.is(put.succeeded, 1);
  assert.is(delivery.succeeded, 1);
  assert.equal(delivery.counters, { missing: 1 });
});

test("watcher ids that the server chooses itself, as etcd's grpc-proxy does, are accepted", async () => {
  const { created, delivery } = await watchPeer({
    puts: 1,
    async create(etcd) {
      await etcd.expectCreation();
      etcd.respond({ watchId: 0, created: true });
      await etcd.expectCreation();
      etcd.respond({ watchId: 1, created: true });
    },
    async serve(etcd) {
      const put = await etcd.expectPut();
      for (const watchId of [1, 0]) etcd.respond({ watchId, events: [put.event] });
      // No watcher with this id was requested.
      etcd.respond({ watchId: 2, events: [put.event] });
      etcd.acknowledge(put);
    },
  });
  assert.equal([created.succeeded, created.failed], [WATCHERS, 0]);
  assert.is(delivery.succeeded, WATCHERS);
  assert.equal(delivery.counters, { foreign: 1 });
});

test.run();
