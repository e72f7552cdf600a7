/**
 * Tells what of a phase is still to be sent: in a closed loop until its end, and of a schedule what
 * was due before the end, for as long as that may still be sent.
 */
import type { Phase } from "../phase.ts";
import type { Operations } from "../workload.ts";
import type { Arrivals } from "./arrivals.ts";

export class Sending {
  /** Operations of the phase that were sent. */
  started = 0;
  readonly #phase: Phase;
  readonly #requests: number;
  /** From when on nothing is sent, not even what was due before. */
  #lastNs = Number.POSITIVE_INFINITY;

  constructor(phase: Phase) {
    this.#phase = phase;
    this.#requests = phase.requests;
  }

  /** Whether a closed loop sends its next request. */
  isOpen(now: number): boolean {
    return this.started < this.#requests && now < this.#phase.endNs;
  }

  /** Whether a request of the schedule is to be sent by now, be it after the phase's end. */
  isDue({ dueNs }: Arrivals, now: number): boolean {
    return (
      dueNs <= now &&
      dueNs < this.#phase.endNs &&
      this.started < this.#requests &&
      now < this.#lastNs
    );
  }

  /** When the schedule's next request is due; Infinity where there is none. */
  nextDueNs({ dueNs }: Arrivals): number {
    const isNone = this.started >= this.#requests || dueNs >= this.#phase.endNs;
    return isNone ? Number.POSITIVE_INFINITY : dueNs;
  }

  isOver(now: number): boolean {
    if (this.started >= this.#requests || now >= this.#lastNs) return true;
    const { endNs, arrivals } = this.#phase;
    return now >= endNs && (arrivals === null || arrivals.dueNs >= endNs);
  }

  /** Operations that the phase has had due until now: of a closed loop, those that were sent. */
  dueBy(now: number): number {
    const { arrivals, endNs } = this.#phase;
    if (arrivals === null) return this.started;
    const due = arrivals.dueBefore(Math.min(now, endNs), this.started);
    return Math.max(this.started, Math.min(due, this.#requests));
  }

  /** Gives up what was due and is not sent by now. */
  end(now: number): void {
    this.#lastNs = Math.min(this.#lastNs, now);
  }

  /** When what is not sent by now was given up. */
  givenUpNs(now: number): number {
    return Math.min(now, this.#lastNs);
  }

  /**
   * Walks on through the arrivals of a phase that is over; returns how many were due before its end
   * and never sent. What each had waited until `now`, or until it was given up, is recorded.
   */
  dropRest(now: number, operations: Pick<Operations, "dropped">): number {
    const { arrivals, endNs, workload } = this.#phase;
    if (arrivals === null) return 0;
    const givenUpNs = this.givenUpNs(now);
    let dropped = 0;
    while (this.started + dropped < this.#requests && arrivals.dueNs < endNs) {
      const waitedNs = Math.max(0, givenUpNs - arrivals.dueNs);
      operations.dropped(0, waitedNs);
      workload.onDropped?.(waitedNs, arrivals.dueNs);
      dropped += 1;
      arrivals.advance();
    }
    return dropped;
  }
}
