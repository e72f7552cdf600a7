/** Adds up over slices how long the schedule was and how long its requests took to be sent. */
import type { PhaseDoneMessage } from "../load/messages.ts";

/** A last send that is late by less is on time, however short the schedule was. */
const LATE_NS = 20e6;

export class SendSpans {
  /** Mean time between two requests of the schedule, which its last one has, too. */
  readonly #gapNs: number;
  #dueNs = 0;
  #sentNs = 0;

  constructor(ratePerSec: number | null) {
    this.#gapNs = ratePerSec === null ? 0 : 1e9 / ratePerSec;
  }

  add(startNs: number, done: readonly PhaseDoneMessage[]): void {
    for (const { lastDueNs, lastSendNs } of done) {
      const isLate = lastSendNs - lastDueNs > LATE_NS;
      const fromNs = startNs - this.#gapNs;
      this.#dueNs += lastDueNs - fromNs;
      this.#sentNs += (isLate ? lastSendNs : lastDueNs) - fromNs;
    }
  }

  /** Of the requests that were due, how many were sent in time; null without a schedule. */
  get sentShare(): number | null {
    return this.#sentNs > 0 ? this.#dueNs / this.#sentNs : null;
  }
}
