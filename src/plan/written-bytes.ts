/** Computes what writes add to etcd's database, in bytes. */
import { expectedOfValues, type Values } from "./value-size.ts";

export interface PlannedWrites extends Values {
  puts: number;
  /** Each leaves a tombstone, a revision without a value; with other revisions that have none. */
  deletes: number;
  keySizeBytes: number;
  /** What these are of, where not all are alike. */
  of?: string;
  /** Of other sizes. */
  further?: readonly PlannedWrites[];
  /** Names of the workload's own flags that lower them, in addition to those of requests and values. */
  loweredBy?: readonly string[];
  /** The run compacts by itself so often, and these are no more than what it holds at one time. */
  compactIntervalMs?: number;
}

/** What the writes add to the database; `all` with the further ones. */
export function bytesOf(writes: PlannedWrites): {
  eachPut: number;
  eachDelete: number;
  all: number;
} {
  const { keySizeBytes, puts, deletes, further = [] } = writes;
  const eachPut = expectedOfValues(writes, (bytes) => bytesPerPut(keySizeBytes, bytes));
  const eachDelete = bytesPerPut(keySizeBytes, 0);
  const others = further.reduce((sum, each) => sum + bytesOf(each).all, 0);
  return { eachPut, eachDelete, all: puts * eachPut + deletes * eachDelete + others };
}

const PAGE_BYTES = 4096;
const PAGE_HEADER_BYTES = 16;
/** etcd writes revisions in order, and has its pages filled to nine tenths before they are split. */
const FILLED_SHARE = 0.9;
/** bbolt keeps at least so many entries together, whatever their size. */
const LEAST_IN_LEAF = 2;
/**
 * Next to key and value: bbolt's element of 16 bytes, the revision of 17 that is its key, and 16 of
 * tags, lengths and revisions in the value.
 */
const ENTRY_BYTES = 49;
/** For the pages above the leaves. */
const BRANCH_SHARE = 0.01;

/**
 * What one put adds to the database, whether its key is new or not: etcd keeps every revision until
 * it is compacted. Measured on etcd 3.5.30, growth over puts: 71 bytes for 8 + 8 (here 74), 375 for
 * 8 + 256 (here 376), 1,379 for 8 + 1,024 (here 1,379), 6,164 for 8 + 4,096 (here 6,205), 12,319 for
 * 8 + 10,240 (here 12,411), 105,600 for 8 + 102,400 (here 105,500), 1,162,000 for 8 + 1,048,576
 * (here 1,061,000).
 */
export function bytesPerPut(keySizeBytes: number, valSizeBytes: number): number {
  const entryBytes = keySizeBytes + valSizeBytes + ENTRY_BYTES;
  const filledBytes = PAGE_BYTES * FILLED_SHARE - PAGE_HEADER_BYTES;
  const inLeaf = Math.max(LEAST_IN_LEAF, Math.floor(filledBytes / entryBytes));
  const pages = Math.ceil((PAGE_HEADER_BYTES + inLeaf * entryBytes) / PAGE_BYTES);
  return ((pages * PAGE_BYTES) / inLeaf) * (1 + BRANCH_SHARE);
}
