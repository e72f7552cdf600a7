/** Measures the share of its time in which the event loop of the calling thread had work. */
import { performance } from "node:perf_hooks";

export class BusyShare {
  /** Time in which the pacer has waited although the event loop counts as active. */
  readonly #waitedNs: () => number;
  #before = performance.eventLoopUtilization();
  #waitedBeforeNs: number;

  constructor(waitedNs: () => number) {
    this.#waitedNs = waitedNs;
    this.#waitedBeforeNs = waitedNs();
  }

  /** Since the last call or the construction, 0 to 1. */
  take(): number {
    const now = performance.eventLoopUtilization();
    const { active, idle } = performance.eventLoopUtilization(now, this.#before);
    const waitedNs = this.#waitedNs();
    const workedMs = active - (waitedNs - this.#waitedBeforeNs) / 1e6;
    this.#before = now;
    this.#waitedBeforeNs = waitedNs;
    return active + idle === 0 ? 0 : Math.max(0, workedMs) / (active + idle);
  }
}
