/** Watchers and gets; the test answers each of their calls. */
import { splitLoad } from "../../../../src/plan/shares.ts";
import type { WatchSpec } from "../../../../src/workloads/parts/watching/watched-keys.ts";
import { FIRST_WATCH_ID } from "../../../../src/workloads/parts/watching/watchers.ts";
import { WatchGet } from "../../../../src/workloads/watch-get/load.ts";
import { StepRig } from "../step-rig.ts";

/** The revisions of the history: three puts, with other keys' puts between them. */
export const REVISIONS = [5, 7, 8];

export const RESPONSE = "etcdserverpb.WatchResponse";

export const TIMEOUT_MS = 1_000;

interface Options {
  clients?: number;
  watchers?: number;
  streams?: number;
  /** How many other workers have watchers that are not synced. */
  others?: number;
}

interface Started {
  rig: StepRig;
  workload: WatchGet;
  unsynced: Int32Array;
  /** The slots of the watch streams. */
  streams: number[];
}

export function watchSpec(watchers: number, streams: number, workers = 1): WatchSpec {
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

export function made({
  clients = 1,
  watchers = 2,
  streams = 1,
  others = 0,
}: Options = {}): Started {
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

/** A rig in its measured phase, with all watchers requested. */
export function started(options: Options = {}): Started {
  const all = made(options);
  all.workload.restart(true);
  all.workload.onPhaseStart(all.rig.nowNs);
  return all;
}

/** The id of a stream's n-th watcher. */
export function named(n: number): number {
  return FIRST_WATCH_ID + n - 1;
}

export function created(rig: StepRig, slot: number, watchId: number): void {
  rig.answer(slot, RESPONSE, { watchId: named(watchId), created: true });
}

export function events(rig: StepRig, slot: number, watchId: number, ...revisions: number[]): void {
  const list = revisions.map((modRevision) => ({
    kv: { key: Buffer.from("k\0\0\0"), modRevision, value: Buffer.alloc(8) },
  }));
  rig.answer(slot, RESPONSE, { watchId: named(watchId), events: list });
}

export const sampled = ({ samples }: StepRig, series: number) =>
  samples.filter((each) => each.series === series).map(({ durationNs }) => durationNs);
