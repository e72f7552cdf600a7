/**
 * Decides how long the intervals of a result are: a second, and twice as long each time that there are
 * more than a saved file has room for. All series of a run share it, so that theirs begin together.
 */
import { jsonText } from "../result/json-text.ts";
import type { Interval, RunResult } from "../result/schema.ts";

/** Of all series. One takes up to 350 octets of a file, and until then some KB of memory. */
const MOST_INTERVALS = 3_600;
/** Of a file, which stays below 1 MB. */
const MOST_OCTETS = 990_000;

export class IntervalBudget {
  readonly #most: number;
  #seconds = 1;
  #taken = 0;

  constructor(most: number = MOST_INTERVALS) {
    this.#most = most;
  }

  /** Of one interval. */
  get seconds(): number {
    return this.#seconds;
  }

  /** A series has another second. */
  took(): void {
    this.#taken += 1;
    if (this.#taken / this.#seconds > this.#most) this.#seconds *= 2;
  }

  /**
   * Makes the intervals longer until the result fits into its file, or each series has one alone.
   * `intervalsOf` gives those of each operation of the result, then those by endpoint, at the present
   * length.
   */
  fit(result: RunResult, intervalsOf: readonly (() => Interval[])[]): void {
    const isOver = () => Buffer.byteLength(jsonText(result)) > MOST_OCTETS;
    while (this.#seconds < this.#taken && isOver()) {
      this.#seconds *= 2;
      for (const [at, each] of [...result.operations, ...result.byEndpoint].entries()) {
        each.intervals = intervalsOf[at]!();
      }
    }
  }
}
