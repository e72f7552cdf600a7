/** Keeps the outcome of each event of one kind, and words the faults and notes of them all. */
import { formatNoun } from "../text/noun.ts";
import type { PlannedEvent } from "./catalogue.ts";

/** The error of an event that etcd had not answered when the run was over. */
export const RUN_WAS_OVER = "the run was over before etcd had answered";

/** One event of a result. */
export interface HappenedEvent {
  kind: string;
  /** In the words of the plan, where it has any: `kill leader`. */
  text: string | null;
  member: string | null;
  revision: number | null;
  /** Since the start of the measured phase. */
  startSeconds: number;
  /** Null: nothing was done. */
  durationSeconds: number | null;
  error: string | null;
}

export class KindOfEvent {
  readonly planned: PlannedEvent;
  readonly schedule: ReturnType<PlannedEvent["event"]["schedule"]>;
  readonly happened: HappenedEvent[] = [];
  /** Resolves when the last one that was due is done, whatever came of it. */
  last: Promise<void> = Promise.resolve();
  underWay = 0;
  leftOut = 0;
  openTimes: number;
  /** The errors of those that failed. */
  readonly #failures: string[] = [];

  constructor(planned: PlannedEvent) {
    this.planned = planned;
    this.schedule = planned.event.schedule(planned.plan);
    this.openTimes = this.schedule.atMs.length;
  }

  get isUnderWay(): boolean {
    return this.underWay > 0;
  }

  record({
    isFailure,
    ...outcome
  }: Omit<HappenedEvent, "kind" | "text"> & { isFailure: boolean }): HappenedEvent {
    const event = this.named(outcome);
    this.happened.push(event);
    if (isFailure) this.#failures.push(event.error ?? "");
    return event;
  }

  /** An event of this kind. */
  named(outcome: Omit<HappenedEvent, "kind" | "text">): HappenedEvent {
    const { kind, text } = this.planned.event;
    return { kind, text, ...outcome };
  }

  faults(maxErrorRate: number, isInterrupted: boolean): string[] {
    const [failed, all] = [this.#failures.length, this.happened.length];
    if (this.planned.event.text !== null) {
      const { flag } = this.schedule;
      if (this.openTimes > 0 && !isInterrupted) return [`${flag}: the run was over before it`];
      const why = this.#failures[0] ?? (isInterrupted ? undefined : this.#unfinished());
      return why === undefined ? [] : [`${flag}: ${why}`];
    }
    if (failed === 0 || failed / all <= maxErrorRate) return [];
    return [`${failed} of ${formatNoun(all, this.#noun)} failed: ${this.#failures[0]}`];
  }

  /** The error of one that etcd had not answered when the run was over. */
  #unfinished(): string | undefined {
    return this.happened.find(({ error }) => error === RUN_WAS_OVER)?.error ?? undefined;
  }

  notes(): string[] {
    const notes: string[] = [];
    if (this.leftOut > 0) {
      const count = formatNoun(this.leftOut, this.#noun);
      notes.push(`${count} came due while another was under way: left out.`);
    }
    if (this.openTimes > 0 && this.planned.event.text === null) {
      const times = formatNoun(this.openTimes, "time");
      notes.push(`${times} of ${this.schedule.flag} had not come when the run was over.`);
    }
    return [...notes, ...this.#notMade()];
  }

  /** A run with none of what it was to have is one without it. */
  #notMade(): string[] {
    const { everyMs, flag } = this.schedule;
    if (everyMs !== null && this.happened.length === 0 && this.leftOut === 0) {
      return [`The first time of ${flag} had not come when the run was over.`];
    }
    const isAny = this.happened.some(({ durationSeconds }) => durationSeconds !== null);
    if (isAny || this.#failures.length > 0 || this.planned.event.text !== null) return [];
    const why = this.happened.find(({ error }) => error !== RUN_WAS_OVER)?.error ?? null;
    return why === null ? [] : [`No ${this.#noun} was made: ${why}.`];
  }

  get #noun(): string {
    return this.planned.event.describe(null);
  }
}
