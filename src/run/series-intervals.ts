/**
 * Keeps the intervals of one series as the workers' snapshots come in: a second each, and neighbours
 * combined where a result has no room for every second.
 */
import type { SnapshotMessage } from "../load/messages.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import type { Interval } from "../result/schema.ts";
import type { IntervalBudget } from "./interval-budget.ts";
import { type ClosedInterval, figuresOf, OpenInterval } from "./open-interval.ts";

/** Combined after each second: all at once, they would hold the main thread up. */
const MOST_AT_ONCE = 8;
const ALL = Number.POSITIVE_INFINITY;

interface Row {
  phaseId: number;
  /** The first of its seconds, counted in its phase. */
  second: number;
  closed: ClosedInterval;
}

export class SeriesIntervals {
  readonly #workers: number;
  readonly #budget: IntervalBudget;
  readonly #open = new Map<string, { phaseId: number; second: number; interval: OpenInterval }>();
  /** In the order of time. */
  readonly #rows: Row[] = [];
  /** The first row that may be but a part of its interval. */
  #unsettled = 0;
  #settledSeconds = 1;
  #originNs = 0;

  constructor(workers: number, budget: IntervalBudget) {
    this.#workers = workers;
    this.#budget = budget;
  }

  /** Returns the second that the snapshot completes. `originNs` is the run's start. */
  add(
    snapshot: SnapshotMessage,
    recorded: RecorderSnapshot,
    originNs: number,
  ): ClosedInterval | null {
    const { phaseId, interval: second } = snapshot;
    const key = `${phaseId}/${second}`;
    const open = this.#open.get(key) ?? { phaseId, second, interval: new OpenInterval() };
    this.#open.set(key, open);
    open.interval.add(snapshot, recorded);
    if (open.interval.snapshots < this.#workers) return null;
    this.#open.delete(key);
    this.#originNs = originNs;
    const closed = open.interval.close();
    this.#insert({ phaseId, second, closed });
    this.#settle(MOST_AT_ONCE);
    return closed;
  }

  /**
   * A phase has ended; seconds that a worker did not reach, having ended early, are complete. Returns
   * them.
   */
  endPhase(originNs: number): ClosedInterval[] {
    this.#originNs = originNs;
    const completed = [...this.#open.values()].map(({ phaseId, second, interval }) => {
      const closed = interval.close();
      this.#insert({ phaseId, second, closed });
      return closed;
    });
    this.#open.clear();
    return completed;
  }

  /** When the newest one that is closed ended; 0 without any. */
  get lastEndNs(): number {
    return this.#rows.at(-1)?.closed.toNs ?? 0;
  }

  /** All that are closed, in the order of time and of the length that there is room for. */
  result(): Interval[] {
    this.#settle(ALL);
    return this.soFar();
  }

  /** The same while the load goes on: the newest ones may still be shorter. */
  soFar(): Interval[] {
    return withoutShortEnds(this.#rows).map(({ closed }) => figuresOf(closed, this.#originNs));
  }

  /** A second that one worker was late with comes after its successor, and belongs before it. */
  #insert(row: Row): void {
    const before = this.#rows.findLastIndex(
      ({ phaseId, second }) =>
        phaseId < row.phaseId || (phaseId === row.phaseId && second < row.second),
    );
    this.#rows.splice(before + 1, 0, row);
    this.#unsettled = Math.min(this.#unsettled, Math.max(0, before));
    this.#budget.took();
  }

  /** Puts about `most` rows together. Of the newest interval seconds may be to come, unless all are here. */
  #settle(most: number): void {
    const { seconds } = this.#budget;
    if (seconds === 1) return;
    if (seconds !== this.#settledSeconds) this.#unsettled = 0;
    this.#settledSeconds = seconds;
    let left = most;
    while (left > 0 && this.#unsettled < this.#rows.length) {
      const from = this.#unsettled;
      const first = this.#rows[from]!;
      let to = from + 1;
      while (to < this.#rows.length && isOneInterval(first, this.#rows[to]!, seconds)) to++;
      if (to === this.#rows.length && most !== ALL) return;
      if (to - from > 1) {
        const closed = together(this.#rows.slice(from, to));
        this.#rows.splice(from, to - from, { ...first, closed });
        left -= to - from;
      }
      this.#unsettled++;
    }
  }
}

/** A phase ends within an interval; a piece of less than half of one belongs to the interval before. */
function withoutShortEnds(rows: readonly Row[]): Row[] {
  const whole: Row[] = [];
  for (const [at, row] of rows.entries()) {
    const before = whole.at(-1);
    const isEnd = rows[at + 1]?.phaseId !== row.phaseId;
    const isPiece = before?.phaseId === row.phaseId && lengthNs(row) < lengthNs(before) / 2;
    if (isEnd && isPiece) {
      whole[whole.length - 1] = { ...before, closed: together([before, row]) };
    } else whole.push(row);
  }
  return whole;
}

function lengthNs({ closed }: Row): number {
  return closed.toNs - closed.fromNs;
}

function isOneInterval(one: Row, other: Row, seconds: number): boolean {
  return (
    one.phaseId === other.phaseId &&
    Math.floor(one.second / seconds) === Math.floor(other.second / seconds)
  );
}

function together(rows: readonly Row[]): ClosedInterval {
  const all = new OpenInterval();
  for (const { closed } of rows) all.add(closed, closed);
  return all.close();
}
