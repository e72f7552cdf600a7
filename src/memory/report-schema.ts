/**
 * What `bench memory` found: readings of etcd's memory while more and more of one thing is there, and
 * what one of it costs. Field names are the contract: add freely, rename none without raising
 * `schemaVersion`.
 */
import type { Environment } from "../result/environment.ts";
import type { ThingName } from "./things.ts";

export const MEMORY_SCHEMA_VERSION = 1;

/** What a member says of its own memory. */
export interface MemoryReading {
  rssBytes: number | null;
  /** Go's heap: allocated objects. After a forced garbage collection, these are live. */
  heapBytes: number | null;
  /** Stacks of goroutines, which the heap does not have. */
  stackBytes: number | null;
  goroutines: number | null;
}

export interface CountedReading extends MemoryReading {
  /** How many more than at the first reading. */
  added: number;
}

export interface Cost {
  /** Of one, by Theil and Sen's slope. */
  each: number;
  /** The 95% confidence interval; null where there are too few readings. */
  low: number | null;
  high: number | null;
}

export interface ThingCost {
  thing: ThingName;
  /** What one is. */
  describe: string;
  /** The first is taken when some are there already, so that what is made once does not count. */
  readings: CountedReading[];
  /** Null where the member does not tell it. */
  rssBytes: Cost | null;
  heapBytes: Cost | null;
  stackBytes: Cost | null;
  goroutines: Cost | null;
  published: PublishedCost | null;
}

export interface PublishedCost {
  bytes: number;
  /** What was measured there: `RSS` or `heap`. */
  figure: "RSS" | "heap";
  source: string;
}

/** A row of a published table, and what the costs measured here make of it. */
export interface PublishedRow {
  table: "watchers" | "storage" | "index";
  counts: Record<string, number>;
  publishedBytes: number | null;
  /** By the slopes; null where one is not known. */
  estimatedBytes: number | null;
}

export interface MemoryReport {
  kind: "memory";
  schemaVersion: typeof MEMORY_SCHEMA_VERSION;
  id: string;
  startedAt: string;
  durationSeconds: number;
  status: "complete" | "interrupted";
  /** The member that was measured. */
  endpoint: string;
  etcdVersion: string | null;
  /** A throwaway etcd that nobody else uses. */
  isLocal: boolean;
  /** Garbage was collected before each reading. */
  hasForcedCollection: boolean;
  keySizeBytes: number;
  valSizeBytes: number;
  /** Before anything was added. */
  base: MemoryReading;
  things: ThingCost[];
  published: PublishedRow[];
  environment: Environment;
  notes: string[];
}
