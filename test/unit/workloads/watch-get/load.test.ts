/** Watchers that catch up with a history while gets go on. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { ownWatchedKeys } from "../../../../src/workloads/parts/watching/watched-keys.ts";
import {
  created,
  events,
  made,
  named,
  REVISIONS,
  sampled,
  started,
  watchSpec,
} from "./watch-get-rig.ts";

test("all watchers are created from the history's first revision, each with its own id", () => {
  const { rig, workload, streams } = started({ watchers: 3, streams: 2 });
  const asked = streams.map((slot) =>
    rig.pending.get(slot)!.sent.map((_, at, all) => {
      rig.pending.get(slot)!.sent = all.slice(0, at + 1);
      const request = rig.request<{ createRequest: Record<string, unknown> }>(
        slot,
        "etcdserverpb.WatchRequest",
      );
      rig.pending.get(slot)!.sent = all;
      return request.createRequest;
    }),
  );
  const ids = asked.map((of) => of.map(({ watchId }) => watchId));
  const [one, two] = [String(named(1)), String(named(2))];
  assert.equal(ids, [[one, two], [one]]);
  for (const request of asked.flat()) {
    assert.is(request.startRevision, "5");
    assert.equal(request.key, Buffer.from("k\0\0\0"));
  }
  assert.is(workload.unsettled, 9);
});

test("the phase ends when every watcher has received every event", () => {
  const { rig, workload, unsynced, streams } = started();
  const [stream] = streams;
  rig.nowNs = 10;
  created(rig, stream!, 1);
  created(rig, stream!, 2);
  rig.nowNs = 20;
  events(rig, stream!, 1, 5, 7, 8);
  events(rig, stream!, 2, 5);
  assert.is(workload.unsettled, 2);
  assert.is(rig.enoughTimes, 0);
  rig.nowNs = 35;
  events(rig, stream!, 2, 7, 8);
  assert.is(workload.unsettled, 0);
  assert.ok(rig.enoughTimes > 0);
  assert.is(unsynced[0], 0);
  assert.equal(sampled(rig, 1), [20, 20, 20, 20, 35, 35]);
  assert.equal(sampled(rig, 2), [20, 35]);
  assert.equal(sampled(rig, 3), [10, 10]);
  assert.equal(rig.counts, {});
});

test("gets go on until the watchers of other workers are synced too", () => {
  const { rig, workload, unsynced, streams } = started({ watchers: 1, others: 1 });
  events(rig, streams[0]!, 1, ...REVISIONS);
  assert.is(unsynced[0], 1);
  workload.begin(0, 1);
  assert.is(rig.enoughTimes, 0);
  unsynced[0] = 0;
  rig.finish(0, 0, "");
  workload.begin(0, 2);
  assert.is(rig.enoughTimes, 1);
  assert.is(unsynced[0], 0);
});

test("a worker whose gets hang ends at the next tick after all watchers are synced", () => {
  const { rig, workload, unsynced, streams } = started({ watchers: 1, others: 1 });
  events(rig, streams[0]!, 1, ...REVISIONS);
  workload.begin(0, 1);
  unsynced[0] = 0;
  workload.tick(2);
  assert.is(rig.enoughTimes, 1);
});

test("every worker watches the key that has the history", () => {
  const shares = splitLoad({ connections: 2, clients: 2, workers: 2 }, ["a:1"]);
  for (const share of shares) assert.equal(ownWatchedKeys(watchSpec(4, 2, 2), share), [0]);
});

test("a get is one operation: its response, failure and resend are its client's", () => {
  const { rig, workload } = started({ clients: 2 });
  workload.begin(0, 1);
  workload.begin(1, 1);
  assert.is(rig.pending.get(0)!.path, "/etcdserverpb.KV/Range");
  rig.finish(0, 0, "");
  rig.refuse(1);
  assert.equal(rig.resent, [1]);
  rig.finish(1, 14, "gone");
  assert.equal(
    rig.ended.map(({ client, status }) => [client, status]),
    [
      [0, 0],
      [1, 14],
    ],
  );
});

test("a warm-up sends only gets", () => {
  const { rig, workload } = made();
  workload.restart(false);
  workload.onPhaseStart(0);
  workload.begin(0, 1);
  assert.equal([...rig.pending.keys()], [0]);
  assert.is(workload.unsettled, 0);
  assert.is(rig.enoughTimes, 0);
});

test("a watcher's wait for its stream is in its response time alone, and is counted", () => {
  const { rig, workload, streams } = started();
  const [stream] = streams;
  workload.onOwnCallSent(stream!, 3_000, true);
  rig.nowNs = 3_010;
  created(rig, stream!, 1);
  created(rig, stream!, 2);
  assert.equal(sampled(rig, 3), [10, 10]);
  assert.equal(rig.sampleLateNs.slice(-2), [3_000, 3_000]);
  assert.equal(rig.counts, { heldBack: 2, heldBackUs: 6 });
});

test("the service time of watchers that are asked for again starts at their first request", () => {
  const { rig, workload, streams } = started({ watchers: 1 });
  const [stream] = streams;
  rig.pending.delete(stream!);
  workload.onCallUnprocessed(stream!, 1_000, true);
  workload.onOwnCallSent(stream!, 3_000, true);
  rig.nowNs = 3_010;
  created(rig, stream!, 1);
  assert.equal(sampled(rig, 3), [3_010]);
  assert.equal(rig.counts, {});
});

test.run();
