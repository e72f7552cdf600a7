/** Owns how much a run is going to write, in puts and in bytes of etcd's database. */
import type {
  MixedOperation,
  MixedWorkload,
  PutWorkload,
  RunPlan,
  TxnPutWorkload,
} from "./schema.ts";

export interface PlannedWrites {
  puts: number;
  keySizeBytes: number;
  valSizeBytes: number;
}

/** Null where the plan does not say how many, or writes nothing worth counting. */
export function plannedWrites(plan: RunPlan): PlannedWrites | null {
  const { workload } = plan;
  if (workload.kind !== "put" && workload.kind !== "txn-put" && workload.kind !== "mixed") {
    return null;
  }
  const requests = plannedRequests(plan);
  if (requests === null) return null;
  const { keySizeBytes } = workload.keys;
  return { puts: putsOf(workload, requests), keySizeBytes, valSizeBytes: workload.valSizeBytes };
}

function putsOf(workload: PutWorkload | TxnPutWorkload | MixedWorkload, requests: number): number {
  switch (workload.kind) {
    case "put":
      return requests;
    case "txn-put":
      return requests * workload.txnOps;
    case "mixed": {
      const weightOf = (wanted: MixedOperation) =>
        workload.mix.find(({ operation }) => operation === wanted)?.weight ?? 0;
      const all = workload.mix.reduce((sum, { weight }) => sum + weight, 0);
      const putsEach = (weightOf("put") + weightOf("txn-put") * workload.txnOps) / all;
      // First each key is put once.
      return workload.keys.keySpaceSize + Math.ceil(requests * putsEach);
    }
  }
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
