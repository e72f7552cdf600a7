/**
 * Watchers that catch up while gets go on, against scripted answers: what is asked for, when the
 * phase is over, and the account of events that are missing, double, foreign or lost.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { splitLoad } from "../../../../src/plan/shares.ts";
import {
  ownWatchedKeys,
  type WatchSpec,
} from "../../../../src/workloads/parts/watching/watched-keys.ts";
import { FIRST_WATCH_ID } from "../../../../src/workloads/parts/watching/watchers.ts";
import { WatchGet } from "../../../../src/workloads/watch-get/load.ts";
import { StepRig } from "../step-rig.ts";

/** Of the history: three puts, with other keys' between. */
const REVISIONS = [5, 7, 8];
const RESPONSE = "etcdserverpb.WatchResponse";
const TIMEOUT_MS = 1_000;

interface Options {
  clients?: number;
  watchers?: number;
  streams?: number;
  /** Other workers whose watchers are not synced. */
  others?: number;
}

interface Started {
  rig: StepRig;
  workload: WatchGet;
  unsynced: Int32Array;
  /** The slots of the watch streams. */
  streams: number[];
}

function watchSpec(watchers: number, streams: number, workers = 1): WatchSpec {
  const keys = {
    keySizeBytes: 4,
    keySpaceSize: 1,
    sequential: true,
    popularity: "uniform",
    prefix: "k",
    encoding: "fixed",
  } as const;
  return {
    keys,
    valSizeBytes: 8,
    valueSize: null,
    watchedKeys: [0],
    streams,
    connections: workers,
    workers,
    watchersPerStream: Math.ceil(watchers / streams),
    watchers,
    startRevision: REVISIONS[0]!,
    prevKv: false,
    progressNotify: false,
    token: 0,
  };
}

function made({ clients = 1, watchers = 2, streams = 1, others = 0 }: Options = {}): Started {
  const rig = new StepRig();
  const [share] = splitLoad({ connections: 1, clients, workers: 1 }, ["a:1"]);
  const unsyncedWorkers = new SharedArrayBuffer(4);
  const unsynced = new Int32Array(unsyncedWorkers);
  unsynced[0] = 1 + others;
  const workload = new WatchGet(
    {
      watch: watchSpec(watchers, streams),
      get: { key: Buffer.from("k\0\0\0"), end: null, consistency: "serializable" },
      revisions: Float64Array.from(REVISIONS),
      timeoutMs: TIMEOUT_MS,
      unsyncedWorkers,
    },
    share!,
    rig,
    rig.transport,
    clients,
  );
  rig.workload = workload;
  return {
    rig,
    workload,
    unsynced,
    streams: Array.from({ length: streams }, (_, at) => clients + at),
  };
}

/** In its measured phase, with all watchers asked for. */
function started(options: Options = {}): Started {
  const all = made(options);
  all.workload.restart(true);
  all.workload.onPhaseStart(all.rig.nowNs);
  return all;
}

/** What a stream's n-th watcher is called. */
function named(n: number): number {
  return FIRST_WATCH_ID + n - 1;
}

function created(rig: StepRig, slot: number, watchId: number): void {
  rig.answer(slot, RESPONSE, { watchId: named(watchId), created: true });
}

function events(rig: StepRig, slot: number, watchId: number, ...revisions: number[]): void {
  const list = revisions.map((modRevision) => ({
    kv: { key: Buffer.from("k\0\0\0"), modRevision, value: Buffer.alloc(8) },
  }));
  rig.answer(slot, RESPONSE, { watchId: named(watchId), events: list });
}

const sampled = ({ samples }: StepRig, series: number) =>
  samples.filter((each) => each.series === series).map(({ durationNs }) => durationNs);

test("all watchers are asked for from the history's first revision, each with an id of its own", () => {
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

test("when every watcher has heard of every event, the gets have been enough", () => {
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

test("a worker whose gets hang hears at the next tick that all are synced", () => {
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

test("a get is one operation: its answer, its failure and its resending are the client's", () => {
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

test("a warm-up is gets alone", () => {
  const { rig, workload } = made();
  workload.restart(false);
  workload.onPhaseStart(0);
  workload.begin(0, 1);
  assert.equal([...rig.pending.keys()], [0]);
  assert.is(workload.unsettled, 0);
  assert.is(rig.enoughTimes, 0);
});

test("events that are passed over are missing, those that come again double, others foreign", () => {
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

test("a watcher that the server refuses or gives up leaves its events missing", () => {
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

test("a stream that ends takes its watchers with it, created or not, and the phase may end", () => {
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

test("a message that is none ends its stream", () => {
  const { rig, workload, streams } = started({ watchers: 1 });
  const garbled = Uint8Array.from([0x5a, 0x7f, 0x00]);
  workload.onMessage(streams[0]!, garbled, 0, garbled.length, 1);
  assert.equal(rig.cancelled, streams);
  assert.match(rig.failures[0]!.message, /no protobuf message/);
  assert.equal(rig.counts, { missing: 3 });
});

test("a catch-up that stands still is given up after the timeout, and what comes then is late", () => {
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

test("watchers that were never created are in the counts, those that were not asked for too", () => {
  const { rig, workload, streams } = started({ watchers: 600 });
  created(rig, streams[0]!, 1);
  workload.tick(TIMEOUT_MS * 1e6 + 1);
  const failures = rig.failures.filter(({ series }) => series === 3);
  assert.is(sampled(rig, 3).length + failures.length, 600);
  const messages = new Set(failures.map(({ message }) => message));
  assert.equal([...messages], ["no answer within the timeout", "not asked for within the timeout"]);
});

test("a run that a person stops leaves the rest unawaited, not missing", () => {
  const { rig, workload, streams } = started({ watchers: 1 });
  events(rig, streams[0]!, 1, 5);
  workload.giveUp(1, true);
  assert.equal(rig.counts, { notAwaited: 2 });
  assert.is(workload.unsettled, 0);
});

test("thousands are asked for a few hundred at a time", () => {
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
