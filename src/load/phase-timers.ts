/** Keeps the timers of one phase, which all end with it. */
import { nowNs } from "../clock.ts";

export class PhaseTimers {
  #timers: NodeJS.Timeout[] = [];

  /** Calls `action` at that time or later, never before. */
  at(timeNs: number, action: () => void): void {
    const restMs = Math.max(0, (timeNs - nowNs()) / 1e6);
    this.after(Math.ceil(restMs), () => {
      // Timers count whole milliseconds of the loop's own clock and may fire a little early.
      if (nowNs() < timeNs) this.at(timeNs, action);
      else action();
    });
  }

  after(restMs: number, action: () => void): void {
    this.#timers.push(setTimeout(action, restMs));
  }

  every(periodMs: number, action: () => void): void {
    this.#timers.push(setInterval(action, periodMs));
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }
}
