/**
 * Orders the kinds of requests, so that after any number of them each kind has come as often as its
 * weight says, to within one request. Nothing is drawn: the mix is exact.
 */

/**
 * The chairman assignment of Tijdeman (1980): of the kinds that would not run ahead of their
 * share, the one whose share runs out soonest. No count is ever off by one or more.
 */
export class KindSchedule {
  readonly #shares: Float64Array;
  readonly #counts: Float64Array;
  /** How far a count may lag its share; 1 - 1 / (2k - 2) for k kinds. */
  readonly #slack: number;
  #turn = 0;

  /** At least one weight; relative to each other. */
  constructor(weights: readonly number[]) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.#shares = Float64Array.from(weights, (weight) => weight / sum);
    this.#counts = new Float64Array(weights.length);
    this.#slack = weights.length < 2 ? 1 : 1 - 1 / (2 * weights.length - 2);
  }

  /** The place of the next kind among the weights. */
  next(): number {
    this.#turn += 1;
    let next = -1;
    let soonest = Number.POSITIVE_INFINITY;
    for (let kind = 0; kind < this.#shares.length; kind++) {
      const share = this.#shares[kind]!;
      const behind = share * this.#turn - this.#counts[kind]!;
      if (behind < 1 - this.#slack) continue;
      const turnsLeft = (this.#slack - behind) / share;
      if (turnsLeft < soonest) {
        soonest = turnsLeft;
        next = kind;
      }
    }
    if (next < 0) next = this.#furthestBehind();
    this.#counts[next]! += 1;
    return next;
  }

  restart(): void {
    this.#turn = 0;
    this.#counts.fill(0);
  }

  /** Where rounding lets no kind be due. */
  #furthestBehind(): number {
    let furthest = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let kind = 0; kind < this.#shares.length; kind++) {
      const behind = this.#shares[kind]! * this.#turn - this.#counts[kind]!;
      if (behind > most) {
        most = behind;
        furthest = kind;
      }
    }
    return furthest;
  }
}
