/** Judges keep-alives: leases that had expired although their time could not have been over. */
import { OK, type Outcomes } from "./outcomes.ts";

export interface LeaseFigures {
  /** Leases that a keep-alive found expired. */
  expired: number;
  /** Of them, those that were renewed less than their time to live before. */
  expiredEarly: number;
  /** The longest time between two renewals of one lease. */
  longestGapMs: number;
}

/**
 * Of a row, `number` is the lease, and `revision` the time to live that was answered, in seconds; 0
 * says that the lease is gone.
 * @param grantedMs when the leases were granted or renewed last before the run
 */
export function leaseFigures(
  rows: Outcomes,
  ttlSeconds: number,
  grantedMs = Number.NEGATIVE_INFINITY,
): LeaseFigures {
  const figures = { expired: 0, expiredEarly: 0, longestGapMs: 0 };
  /** By lease, when the keep-alive that was answered last was due: etcd renewed it later than that. */
  const renewedMs = new Map<number, number>();
  const gone = new Set<number>();
  for (const row of [...rows.dueMs.keys()].sort((a, b) => rows.endMs[a]! - rows.endMs[b]!)) {
    const lease = rows.number[row]!;
    const lastMs = renewedMs.get(lease);
    if (rows.status[row] === OK) {
      if (lastMs !== undefined) {
        figures.longestGapMs = Math.max(figures.longestGapMs, rows.dueMs[row]! - lastMs);
      }
      renewedMs.set(lease, Math.max(lastMs ?? 0, rows.dueMs[row]!));
      gone.delete(lease);
    } else if (rows.status[row] === LEASE_GONE && !gone.has(lease)) {
      gone.add(lease);
      figures.expired += 1;
      if (rows.endMs[row]! < (lastMs ?? grantedMs) + ttlSeconds * 1000) figures.expiredEarly += 1;
    }
  }
  return figures;
}

/** NOT_FOUND: how a keep-alive ends that etcd answers with a time to live of 0. */
export const LEASE_GONE = 5;
