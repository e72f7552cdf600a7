/**
 * The figures that etcd's documentation publishes of its memory, as data: of watchers (etcd at
 * commit 185097f) and of storage (at 776e9fb), each on a machine with two CPUs and 7.5 GB.
 */
import type { PublishedCost } from "./report-schema.ts";
import type { ThingName } from "./things.ts";

export const WATCH_SOURCE = "https://etcd.io/docs/v3.6/benchmarks/etcd-3-watch-memory-benchmark/";
export const STORAGE_SOURCE = "https://etcd.io/docs/v3.6/benchmarks/etcd-storage-memory-benchmark/";

const KB = 1e3;
const MB = 1e6;

/** Of the index, in addition to the key itself and to the pointer of each revision. */
const KEY_OVERHEAD_BYTES = 120;
const REVISION_OVERHEAD_BYTES = 30;
const POINTER_BYTES = 8;

/** The size of keys and values in the published tables of storage that are compared with. */
export const PUBLISHED_KEY_BYTES = 64;
export const PUBLISHED_VALUE_BYTES = 256;

/** What one costs; null where nothing is published. A new key has its first revision, too. */
export function publishedCost(thing: ThingName, keySizeBytes: number): PublishedCost | null {
  switch (thing) {
    case "connection":
      return { bytes: 17 * KB, figure: "RSS", source: WATCH_SOURCE };
    case "stream":
      return { bytes: 18 * KB, figure: "RSS", source: WATCH_SOURCE };
    case "watcher":
      return { bytes: 350, figure: "RSS", source: WATCH_SOURCE };
    case "key":
      return {
        bytes: KEY_OVERHEAD_BYTES + keySizeBytes + REVISION_OVERHEAD_BYTES + POINTER_BYTES,
        figure: "heap",
        source: STORAGE_SOURCE,
      };
    case "revision":
      return {
        bytes: REVISION_OVERHEAD_BYTES + POINTER_BYTES,
        figure: "heap",
        source: STORAGE_SOURCE,
      };
    case "lease":
      return null;
  }
}

export interface WatchRow {
  clients: number;
  streamsPerClient: number;
  watchersPerStream: number;
  /** RSS; null: out of memory. */
  bytes: number | null;
}

function watch(
  clients: number,
  streamsPerClient: number,
  watchersPerStream: number,
  megabytes: number | null,
): WatchRow {
  const bytes = megabytes === null ? null : megabytes * MB;
  return { clients, streamsPerClient, watchersPerStream, bytes };
}

export const WATCH_ROWS: readonly WatchRow[] = [
  watch(1_000, 1, 1, 50),
  watch(2_000, 1, 1, 90),
  watch(5_000, 1, 1, 200),
  watch(1_000, 10, 1, 217),
  watch(2_000, 10, 1, 417),
  watch(5_000, 10, 1, 980),
  watch(1_000, 50, 1, 1_001),
  watch(2_000, 50, 1, 1_960),
  watch(5_000, 50, 1, 4_700),
  watch(1_000, 50, 10, 1_171),
  watch(2_000, 50, 10, 2_371),
  watch(5_000, 50, 10, 5_710),
  watch(1_000, 50, 100, 2_380),
  watch(2_000, 50, 100, 4_672),
  watch(5_000, 50, 100, null),
];

export interface StorageRow {
  keys: number;
  revisionsPerKey: number;
  bytes: number;
}

/** RSS, with keys and values of the sizes above. */
export const STORAGE_ROWS: readonly StorageRow[] = [
  { keys: 100_000, revisionsPerKey: 1, bytes: 40 * MB },
  { keys: 100_000, revisionsPerKey: 5, bytes: 89 * MB },
  { keys: 1_000_000, revisionsPerKey: 1, bytes: 470 * MB },
  { keys: 1_000_000, revisionsPerKey: 5, bytes: 880 * MB },
];

/** The heap of the index alone, with keys of the size above. */
export const INDEX_ROWS: readonly StorageRow[] = [
  { keys: 100_000, revisionsPerKey: 1, bytes: 22 * MB },
  { keys: 100_000, revisionsPerKey: 5, bytes: 39 * MB },
  { keys: 1_000_000, revisionsPerKey: 1, bytes: 218 * MB },
  { keys: 1_000_000, revisionsPerKey: 5, bytes: 432 * MB },
];
