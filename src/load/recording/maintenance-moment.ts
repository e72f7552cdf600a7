/**
 * Owns when etcd was at work on itself, compacting or defragmenting: what was due or in flight
 * before that ended was touched by it. All times are of this thread's clock.
 */

export class MaintenanceMoment {
  /** When the last one ended; Infinity while etcd is at it. */
  #endNs = Number.NEGATIVE_INFINITY;

  begin(): void {
    this.#endNs = Number.POSITIVE_INFINITY;
  }

  end(endNs: number): void {
    this.#endNs = endNs;
  }

  /** Whether what was due, or began, at `fromNs` and has ended now was touched by it. */
  touches(fromNs: number): boolean {
    return fromNs < this.#endNs;
  }

  /** There was none yet, so that nobody need know when something began. */
  get isNone(): boolean {
    return this.#endNs === Number.NEGATIVE_INFINITY;
  }
}
