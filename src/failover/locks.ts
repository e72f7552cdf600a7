/** Judges locks: two clients that had one lock at the same time, and leases that expired under them. */
import { LEASE_GONE } from "./leases.ts";
import { OK, type Outcomes } from "./outcomes.ts";

export interface LockFigures {
  acquired: number;
  /** Times at which a lock was given to a client while another one had it. */
  twoOwners: number;
  /** Leases of clients that etcd took for expired, although they were to live longer than the run. */
  expiredEarly: number;
}

/**
 * Of a row that ended well, `number` is the lock, and it was had from `known` to `revision`, in
 * milliseconds after the request was due: from the answer that gave it to the request that gave it
 * back, so that a client is taken to have it for less time than it had. Of one that failed, `known` is
 * the client's lease.
 */
export function lockFigures(rows: Outcomes): LockFigures {
  const holds = [...rows.dueMs.keys()]
    .filter((row) => rows.status[row] === OK)
    .map((row) => ({
      lock: rows.number[row]!,
      fromMs: rows.dueMs[row]! + rows.known[row]!,
      toMs: rows.dueMs[row]! + rows.revision[row]!,
    }))
    .sort((a, b) => a.fromMs - b.fromMs);
  const heldUntilMs = new Map<number, number>();
  let twoOwners = 0;
  for (const { lock, fromMs, toMs } of holds) {
    const untilMs = heldUntilMs.get(lock) ?? Number.NEGATIVE_INFINITY;
    if (fromMs < untilMs) twoOwners += 1;
    heldUntilMs.set(lock, Math.max(untilMs, toMs));
  }
  const gone = [...rows.status.keys()].filter((row) => rows.status[row] === LEASE_GONE);
  const expiredEarly = new Set(gone.map((row) => rows.known[row])).size;
  return { acquired: holds.length, twoOwners, expiredEarly };
}
