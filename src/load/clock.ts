/** Owns the clocks of the load side: nanoseconds of one thread, and the line that all threads share. */

/** Nanoseconds since this thread started, as a float: no allocation, unlike hrtime.bigint. */
export function nowNs(): number {
  return performance.now() * 1e6;
}

/** The monotonic clock that all threads of the process share, in nanoseconds. */
export function sharedNowNs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e9 + nanos;
}

/** Turns a shared moment into this thread's own time. */
export function toThreadNs(sharedNs: number): number {
  return sharedNs - sharedNowNs() + nowNs();
}
