/**
 * Chooses which writes are first sent with a revision that is out of date, so that their number is
 * exactly the given share: it defers a conflict until one can be made.
 */
export class ConflictShare {
  readonly #share: number;
  readonly #start: number;
  #writes = 0;
  #conflicts = 0;

  /**
   * @param start a place in [0, 1) from which fractions of a conflict add up: where several shares
   *   start at even distances, so do their sums, and no rounding of each adds to that of another
   */
  constructor(share: number, start = 0.5) {
    this.#share = share;
    this.#start = start;
  }

  /** Another write begins; true where it is to meet a conflict, if it can be made to. */
  next(): boolean {
    this.#writes += 1;
    return Math.floor(this.#writes * this.#share + this.#start) > this.#conflicts;
  }

  /** The current write is sent out of date. */
  made(): void {
    this.#conflicts += 1;
  }

  restart(): void {
    this.#writes = 0;
    this.#conflicts = 0;
  }
}
