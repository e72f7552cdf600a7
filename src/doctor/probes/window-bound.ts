/** Bounds what the requests of probes wait for, so that none outlasts the window by much. */

/** After the window, for requests in flight to end. */
export const DRAIN_MS = 2_000;

/** For a request in a window that ends at `untilMs` of performance.now(), which waits `mostMs` otherwise. */
export function boundMs(mostMs: number, untilMs: number): number {
  return Math.max(DRAIN_MS, Math.min(mostMs, untilMs + DRAIN_MS - performance.now()));
}
