/**
 * Owns the dealing of watched keys and streams to workers. Every key belongs to one worker, which
 * both puts it and watches it: an event and its put meet in one thread. Streams go to connections
 * in turn, whether a client uses the connection or not.
 */
import type { KeySpace } from "../../plan/schema.ts";
import type { WorkerShare } from "../../plan/shares.ts";

/** Everything that workers must agree on; plain data. */
export interface WatchSpec {
  keys: KeySpace;
  valSizeBytes: number;
  /** The key index of each watched key; an index may stand there more than once. */
  watchedKeys: number[];
  /** Of the whole run, as are the two below. */
  streams: number;
  connections: number;
  workers: number;
  watchersPerStream: number;
  prevKv: boolean;
  progressNotify: boolean;
  /** 32 bits that tell this run's values from those of others. */
  token: number;
}

/** For each of the worker's streams its connection, an index into the share's. */
export function streamConnections(spec: WatchSpec, share: WorkerShare): number[] {
  const connections: number[] = [];
  for (let stream = 0; stream < spec.streams; stream++) {
    const connection = stream % spec.connections;
    if (connection % spec.workers !== share.workerIndex) continue;
    connections.push(Math.floor(connection / spec.workers));
  }
  return connections;
}

/** The worker's part of `watchedKeys`, in order. */
export function ownWatchedKeys(spec: WatchSpec, share: WorkerShare): number[] {
  const rankOfKey = new Map<number, number>();
  for (const key of spec.watchedKeys) {
    if (!rankOfKey.has(key)) rankOfKey.set(key, rankOfKey.size);
  }
  return spec.watchedKeys.filter((key) => rankOfKey.get(key)! % spec.workers === share.workerIndex);
}
