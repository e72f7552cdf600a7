/** Owns how much a run is going to write, in puts and deletes and in bytes of etcd's database. */
import type { KeySpace, MixedOperation, MixedWorkload, RunPlan } from "./schema.ts";
import {
  CONTENTION_KEY_TAIL_BYTES,
  LEASE_KEY_TAIL_BYTES,
  STM_INDEX_BYTES,
  TERM_MARK_BYTES,
} from "./value-layout.ts";
import { expectedOfValues, type Values } from "./value-size.ts";
import { kubernetesWrites } from "./workload/kubernetes-writes.ts";

export interface PlannedWrites extends Values {
  puts: number;
  /** Each leaves a tombstone, a revision without a value; with other revisions that have none. */
  deletes: number;
  keySizeBytes: number;
  /** What these are of, where not all are alike. */
  of?: string;
  /** Of other sizes. */
  beside?: readonly PlannedWrites[];
  /** The run compacts by itself so often, and these are no more than what it holds at one time. */
  compactIntervalMs?: number;
}

/** Null where the plan does not say how many, or writes nothing worth counting. */
export function plannedWrites(plan: RunPlan): PlannedWrites | null {
  // What is compacted makes room, and how much is there at once is not known beforehand.
  if (plan.maintenance.compaction !== null) return null;
  const { workload } = plan;
  // What its total counts are gets.
  if (workload.kind === "watch-get") {
    return { ...sizesOf(workload), puts: workload.events, deletes: 0 };
  }
  const requests = plannedRequests(plan);
  if (requests === null) return null;
  const written = writtenBy(plan, requests);
  if (written === null) return null;
  const { puts, deletes } = written;
  return puts + deletes === 0 ? null : written;
}

function writtenBy({ workload, pacing }: RunPlan, requests: number): PlannedWrites | null {
  switch (workload.kind) {
    case "put":
    case "staleness":
    case "watch":
    case "watch-latency":
      return { ...sizesOf(workload), puts: requests, deletes: 0 };
    case "txn-put":
      return { ...sizesOf(workload), puts: requests * workload.txnOps, deletes: 0 };
    case "txn-mixed": {
      const puts = Math.ceil(requests / (1 + workload.rwRatio));
      return { ...sizesOf(workload), puts, deletes: 0 };
    }
    case "mixed": {
      const all = workload.mix.reduce((sum, { weight }) => sum + weight, 0);
      const share = (operation: MixedOperation) => weightOf(workload, operation) / all;
      // A lease's keys are put, and go with it.
      const leased = share("lease-grant") * (workload.leaseGrant?.keysPerLease ?? 0);
      const alone = share("put") + share("insert") + share("rmw");
      const putsEach = alone + share("txn-put") * workload.txnOps + leased;
      return {
        ...sizesOf(workload),
        // First each key is put once.
        puts: workload.keys.keySpaceSize + Math.ceil(requests * putsEach),
        deletes: Math.ceil(requests * (share("delete") + leased)),
      };
    }
    case "delete": {
      // First each key is put once; a delete that finds none writes nothing.
      const { keySpaceSize } = workload.keys;
      return {
        ...sizesOf(workload),
        puts: keySpaceSize,
        deletes: Math.min(requests, keySpaceSize),
      };
    }
    case "stm": {
      // Conflicts write nothing; a lock's keys are small, and as many as the operations.
      const { prefix, keysPerTxn, writePercent, locker, valSizeBytes, valueSize } = workload;
      const keySizeBytes = Buffer.byteLength(prefix) + STM_INDEX_BYTES;
      const puts = Math.ceil((requests * keysPerTxn * writePercent) / 100);
      const locks = locker === "stm" ? 0 : requests;
      // A lock puts a key without a value and deletes it: two revisions without one.
      return { keySizeBytes, valSizeBytes, valueSize, puts, deletes: 2 * locks };
    }
    case "lease-grant": {
      const { prefix, keysPerLease, valSizeBytes, valueSize } = workload;
      const keySizeBytes = Buffer.byteLength(prefix) + LEASE_KEY_TAIL_BYTES;
      // Revoked or expired, a lease takes its keys with it.
      const puts = requests * keysPerLease;
      return { keySizeBytes, valSizeBytes, valueSize, puts, deletes: puts };
    }
    case "lock":
    case "election": {
      const keySizeBytes = Buffer.byteLength(workload.prefix) + CONTENTION_KEY_TAIL_BYTES;
      const sizes = { keySizeBytes, valSizeBytes: TERM_MARK_BYTES, valueSize: null };
      // A lock's key is put without a value, and deleted.
      if (workload.kind === "lock") return { ...sizes, puts: 0, deletes: 2 * requests };
      return { ...sizes, puts: requests * (1 + workload.proclaims), deletes: requests };
    }
    case "kubernetes":
      return kubernetesWrites(workload, requests, pacing.ratePerSec);
    case "range": {
      const { keySpace, keySizeBytes, valSizeBytes, valueSize } = workload;
      if (keySpace === null) return null;
      const puts = keySpace.keySpaceSize;
      return { keySizeBytes, valSizeBytes, valueSize, puts, deletes: 0 };
    }
    case "watch-get":
    case "lease-keepalive":
      return null;
  }
}

function sizesOf({ keys, valSizeBytes, valueSize }: { keys: KeySpace } & Values) {
  return { keySizeBytes: keys.keySizeBytes, valSizeBytes, valueSize };
}

function weightOf({ mix }: MixedWorkload, wanted: MixedOperation): number {
  return mix.find(({ operation }) => operation === wanted)?.weight ?? 0;
}

/** What the writes add to the database; `all` with those that are beside. */
export function bytesOf(writes: PlannedWrites): {
  eachPut: number;
  eachDelete: number;
  all: number;
} {
  const { keySizeBytes, puts, deletes, beside = [] } = writes;
  const eachPut = expectedOfValues(writes, (bytes) => bytesPerPut(keySizeBytes, bytes));
  const eachDelete = bytesPerPut(keySizeBytes, 0);
  const others = beside.reduce((sum, each) => sum + bytesOf(each).all, 0);
  return { eachPut, eachDelete, all: puts * eachPut + deletes * eachDelete + others };
}

/**
 * With those of the warm-up. A closed loop that time may end sends as many as etcd bears until
 * then, whatever its total.
 */
function plannedRequests({ limits, pacing: { ratePerSec } }: RunPlan): number | null {
  if (limits.durationMs !== null && ratePerSec === null) return null;
  const during = (ms: number | null) =>
    ms === null || ratePerSec === null ? null : Math.ceil((ratePerSec * ms) / 1000);
  const bounds = [limits.totalRequests, during(limits.durationMs)].filter((each) => each !== null);
  if (bounds.length === 0) return null;
  return Math.min(...bounds) + (limits.warmupRequests ?? during(limits.warmupMs) ?? 0);
}

const PAGE_BYTES = 4096;
const PAGE_HEADER_BYTES = 16;
/** etcd writes revisions in order, and has its pages filled to nine tenths before they are split. */
const FILLED_SHARE = 0.9;
/** bbolt keeps at least so many entries together, whatever their size. */
const LEAST_IN_LEAF = 2;
/**
 * Beside key and value: bbolt's element of 16 bytes, the revision of 17 that is its key, and 16 of
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
