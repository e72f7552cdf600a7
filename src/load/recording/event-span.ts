/**
 * The latest span of time in which events happened to etcd: requests that were due or in flight
 * before it ended were touched by it. All times are of this thread's clock.
 */

export class EventSpan {
  /** When the last one ended; Infinity while one lasts. */
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

  /** There was none yet, so that no begin needs to be known. */
  get isNone(): boolean {
    return this.#endNs === Number.NEGATIVE_INFINITY;
  }
}
