/** Adds up over slices how long the schedule was and how long its requests took to be sent. */
import type { PhaseDoneMessage } from "../load/messages.ts";

/** A last send that is late by less is on time, however short the schedule was. */
const LATE_NS = 20e6;

export class SendSpans {
  #dueNs = 0;
  #sentNs = 0;

  add(startNs: number, done: readonly PhaseDoneMessage[]): void {
    for (const { lastDueNs, lastSendNs } of done) {
      const isLate = lastSendNs - lastDueNs > LATE_NS;
      this.#dueNs += lastDueNs - startNs;
      this.#sentNs += (isLate ? lastSendNs : lastDueNs) - startNs;
    }
  }

  /** Of the requests that were due, how many were sent in time; null without a schedule. */
  get sentShare(): number | null {
    return this.#sentNs > 0 ? this.#dueNs / this.#sentNs : null;
  }
}
