/** Owns the turning of a run's intervals into what a progress display shows. */
import type { RunPlan } from "../plan/schema.ts";
import type { Interval } from "../result/schema.ts";
import type { RunProgress } from "./progress.ts";

export interface Counted {
  readonly succeeded: number;
  readonly failed: number;
}

export class ProgressTeller {
  readonly #plan: RunPlan;
  /** How many operations the plan's limits hold for, each of them. */
  readonly #operations: number;
  readonly #onProgress: (progress: RunProgress) => void;
  #phase: RunProgress["phase"] = "opening";
  #phaseStartMs = performance.now();
  #measuredSeconds = 0;
  #last: RunProgress | null = null;

  constructor(plan: RunPlan, operations: number, onProgress?: (progress: RunProgress) => void) {
    this.#plan = plan;
    this.#operations = operations;
    this.#onProgress = onProgress ?? (() => {});
  }

  enter(phase: RunProgress["phase"]): void {
    this.#phase = phase;
    this.#phaseStartMs = performance.now();
    const { succeeded = 0, failed = 0, fraction = 0 } = this.#last ?? {};
    this.#emit({ succeeded, failed, fraction, ratePerSec: null, p99Ms: null, secondsLeft: null });
  }

  /**
   * An interval has ended; `operations` hold the counts so far, `limited` those of them that the
   * plan's limits hold for. Null: the interval is a set-up's, which has an end of its own.
   */
  tell(
    operations: readonly Counted[],
    interval: Interval,
    limited: readonly Counted[] | null = operations,
  ): void {
    const succeeded = operations.reduce((count, one) => count + one.succeeded, 0);
    const failed = operations.reduce((count, one) => count + one.failed, 0);
    if (limited !== null) this.#measuredSeconds += interval.durationSeconds;
    const ended = limited?.reduce((count, one) => count + one.succeeded + one.failed, 0) ?? 0;
    const fraction = this.#fraction(ended);
    this.#emit({
      succeeded,
      failed,
      fraction,
      ratePerSec:
        interval.durationSeconds > 0 ? interval.succeeded / interval.durationSeconds : null,
      p99Ms: interval.p99Ms,
      secondsLeft: fraction > 0 ? (this.#measuredSeconds * (1 - fraction)) / fraction : null,
    });
  }

  #fraction(ended: number): number {
    const { totalRequests, durationMs } = this.#plan.limits;
    const byTotal = totalRequests === null ? 0 : ended / (totalRequests * this.#operations);
    const byTime =
      durationMs === null ? 0 : (this.#measuredSeconds * 1000) / (durationMs * this.#operations);
    return Math.min(1, Math.max(byTotal, byTime));
  }

  #emit(figures: Omit<RunProgress, "phase" | "elapsedSeconds">): void {
    const elapsedSeconds = (performance.now() - this.#phaseStartMs) / 1000;
    this.#last = { phase: this.#phase, elapsedSeconds, ...figures };
    this.#onProgress(this.#last);
  }
}
