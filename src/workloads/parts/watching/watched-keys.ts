/**
 * Deals watched keys and streams to workers. A key that is put while it is watched belongs to one
 * worker, which does both: an event and its put meet in one thread. Streams go to connections in turn,
 * whether a client uses the connection or not.
 */
import type { KeySpace } from "../../../plan/key-space.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import type { Values } from "../../../plan/value-size.ts";

/** Everything that workers must agree on; plain data. */
export interface WatchSpec extends Values {
  keys: KeySpace;
  /** The key index of each watched key; an index may be there more than once. */
  watchedKeys: number[];
  /** Of the whole run, as are the two below. */
  streams: number;
  connections: number;
  workers: number;
  watchersPerStream: number;
  /** Of the whole run, where not every stream has as many; null: every one has. */
  watchers: number | null;
  /** What watchers are to hear of from the start; null: from now on. */
  startRevision: number | null;
  prevKv: boolean;
  progressNotify: boolean;
  /** 32 bits that tell this run's values from those of others. */
  token: number;
}

/** The worker's streams by their number in the whole run, in order. */
export function ownStreams(spec: WatchSpec, share: WorkerShare): number[] {
  const own: number[] = [];
  for (let stream = 0; stream < spec.streams; stream++) {
    if ((stream % spec.connections) % spec.workers === share.workerIndex) own.push(stream);
  }
  return own;
}

/** For each of the worker's streams its connection, an index into the share's. */
export function streamConnections(spec: WatchSpec, share: WorkerShare): number[] {
  return ownStreams(spec, share).map((stream) =>
    Math.floor((stream % spec.connections) / spec.workers),
  );
}

/** How many of the run's watchers the stream has. */
export function watchersOf(spec: WatchSpec, stream: number): number {
  if (spec.watchers === null) return spec.watchersPerStream;
  const evenly = Math.floor(spec.watchers / spec.streams);
  return evenly + (stream < spec.watchers % spec.streams ? 1 : 0);
}

/** The worker's part of `watchedKeys`, in order; of keys with a history all, since none is put. */
export function ownWatchedKeys(spec: WatchSpec, share: WorkerShare): number[] {
  if (spec.startRevision !== null) return spec.watchedKeys;
  const rankOfKey = new Map<number, number>();
  for (const key of spec.watchedKeys) {
    if (!rankOfKey.has(key)) rankOfKey.set(key, rankOfKey.size);
  }
  return spec.watchedKeys.filter((key) => rankOfKey.get(key)! % spec.workers === share.workerIndex);
}
