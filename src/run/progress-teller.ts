/** Turns the intervals of a run into what a progress display shows. */
import type { RunPlan } from "../plan/schema.ts";
import type { Interval } from "../result/schema.ts";
import type { RunProgress } from "./progress.ts";

export interface Counted {
  readonly succeeded: number;
  readonly failed: number;
}

export interface CountedWithErrors extends Counted {
  /** By code and message. */
  readonly errors: readonly { code: string; count: number }[];
}

const NO_FIGURES = { ratePerSec: null, p50Ms: null, p99Ms: null, p99AtLeastMs: null, maxMs: null };

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
    const { succeeded = 0, failed = 0, errors = [], fraction = 0 } = this.#last ?? {};
    const secondsLeft = fraction === 0 ? this.#secondsAhead(phase) : null;
    this.#emit({ ...NO_FIGURES, succeeded, failed, errors, fraction, secondsLeft });
  }

  /**
   * An interval has ended; `operations` hold the counts so far, `limited` those of them that the
   * plan's limits hold for. Null: the interval is a set-up's, which has an end of its own.
   */
  tell(
    operations: readonly CountedWithErrors[],
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
      errors: failed === 0 ? [] : countsByCode(operations),
      fraction,
      ratePerSec:
        interval.durationSeconds > 0 ? interval.succeeded / interval.durationSeconds : null,
      ...this.#latencyOf(interval),
      secondsLeft: fraction > 0 ? (this.#measuredSeconds * (1 - fraction)) / fraction : null,
    });
  }

  /** Response times of a paced run; a set-up has service times alone. */
  #latencyOf({ atLeast, ...interval }: Interval) {
    const { responseP50Ms = null, responseP99Ms, responseMaxMs = null } = interval;
    const isPaced = this.#plan.pacing.ratePerSec !== null;
    if (!isPaced || (responseMaxMs === null && atLeast?.responseMaxMs === undefined)) {
      const { p50Ms, p99Ms, maxMs } = interval;
      return { p50Ms, p99Ms, maxMs, p99AtLeastMs: atLeast?.p99Ms ?? null };
    }
    return {
      p50Ms: responseP50Ms,
      p99Ms: responseP99Ms,
      p99AtLeastMs: atLeast?.responseP99Ms ?? null,
      maxMs: responseMaxMs,
    };
  }

  /** Of a run that is limited by time alone, before its first second. */
  #secondsAhead(phase: RunProgress["phase"]): number | null {
    const { totalRequests, durationMs, warmupRequests, warmupMs } = this.#plan.limits;
    if (durationMs === null || totalRequests !== null) return null;
    const measuredMs = durationMs * this.#operations;
    if (phase === "measuring") return measuredMs / 1000;
    return warmupRequests === null ? (measuredMs + (warmupMs ?? 0)) / 1000 : null;
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

function countsByCode(operations: readonly CountedWithErrors[]): RunProgress["errors"] {
  const counts = new Map<string, number>();
  for (const { code, count } of operations.flatMap(({ errors }) => errors)) {
    counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count);
}
