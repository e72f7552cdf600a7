/** Owns how much a run is going to write, in puts and deletes. */
import { keyBytes } from "./key-text.ts";
import type { KeySpace, MixedOperation, MixedWorkload, RunPlan } from "./schema.ts";
import {
  CONTENTION_KEY_TAIL_BYTES,
  LEASE_KEY_TAIL_BYTES,
  STM_INDEX_BYTES,
  TERM_MARK_BYTES,
} from "./value-layout.ts";
import type { Values } from "./value-size.ts";
import { kubernetesWrites } from "./workload/kubernetes-writes.ts";
import type { PlannedWrites } from "./written-bytes.ts";

/** Null where the plan does not say how many, or writes nothing worth counting. */
export function plannedWrites(plan: RunPlan): PlannedWrites | null {
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
      const keySizeBytes = keyBytes(prefix).length + LEASE_KEY_TAIL_BYTES;
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
