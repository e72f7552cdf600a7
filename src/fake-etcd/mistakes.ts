/** Mistakes that the fake etcd makes where a test plants them, each by the number of the request, from 1. */

export interface Mistakes {
  /** How often the n-th put that is kept is applied. */
  applies(put: number): number;
  /** How often the event of the n-th change is sent to each watcher. */
  sends(change: number): number;
  /** Whether the n-th range is answered as of the first revision. */
  isStale(range: number): boolean;
  /** Whether the n-th keep-alive finds its lease expired. */
  forgetsLease(keepAlive: number): boolean;
  /** Whether the n-th request for a lock gets it although another client has it. */
  sharesLock(request: number): boolean;
  /** Whether the n-th request for a lock finds its lease expired. */
  forgetsLockLease(request: number): boolean;
}

export const NO_MISTAKES: Mistakes = {
  ...{ applies: () => 1, sends: () => 1, isStale: () => false },
  ...{ forgetsLease: () => false, sharesLock: () => false, forgetsLockLease: () => false },
};
