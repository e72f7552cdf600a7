/** Reads the clocks of the load side: nanoseconds of one thread, and the line that all threads share. */

/** Nanoseconds since this thread started, as a float: no allocation, unlike hrtime.bigint. */
export function nowNs(): number {
  return performance.now() * 1e6;
}

/** The monotonic clock that all threads of the process share, in nanoseconds. */
export function sharedNowNs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e9 + nanos;
}

/** A thread can be stopped between two readings, for milliseconds: of so many the closest counts. */
const PAIRS = 8;

/** By how much the shared clock is ahead of a thread's own, and how wrong that may be. */
interface Offset {
  ns: number;
  errorNs: number;
}

/**
 * The offset of a thread's clock, from the pair of readings that were closest together. It is
 * measured again at each use: a closer pair replaces the known one, and so does one that the known
 * one's error cannot explain, for then the clocks have moved apart.
 */
export class ClockOffset {
  readonly #threadNowNs: () => number;
  readonly #sharedNowNs: () => number;
  #known: Offset | null = null;

  constructor(threadNowNs: () => number = nowNs, sharedNow: () => number = sharedNowNs) {
    this.#threadNowNs = threadNowNs;
    this.#sharedNowNs = sharedNow;
  }

  get ns(): number {
    const fresh = this.#measure();
    const known = this.#known;
    if (
      known === null ||
      fresh.errorNs <= known.errorNs ||
      Math.abs(fresh.ns - known.ns) > fresh.errorNs + known.errorNs
    ) {
      this.#known = fresh;
      return fresh.ns;
    }
    return known.ns;
  }

  #measure(): Offset {
    let best: Offset = { ns: 0, errorNs: Number.POSITIVE_INFINITY };
    for (let pair = 0; pair < PAIRS; pair++) {
      const beforeNs = this.#sharedNowNs();
      const threadNs = this.#threadNowNs();
      const errorNs = (this.#sharedNowNs() - beforeNs) / 2;
      if (errorNs < best.errorNs) best = { ns: beforeNs + errorNs - threadNs, errorNs };
    }
    return best;
  }
}

/** Of this thread: each has its own copy of this module. */
const offset = new ClockOffset();

/** What is to be added to this thread's time to get the shared one. */
export function sharedOffsetNs(): number {
  return offset.ns;
}

/** Turns a time on the shared clock into this thread's own. */
export function toThreadNs(sharedNs: number): number {
  return sharedNs - offset.ns;
}

/** Turns a time of this thread into one on the shared clock. */
export function toSharedNs(threadNs: number): number {
  return threadNs + offset.ns;
}
