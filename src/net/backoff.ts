/** Computes how long to wait before the next attempt to connect. */

const FIRST_MS = 100;
const FACTOR = 1.6;
const LONGEST_MS = 2_000;
const JITTER = 0.2;

export class Backoff {
  readonly #random: () => number;
  #nextMs = FIRST_MS;

  /** `random` yields [0, 1); the jitter keeps many connections from knocking all at once. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The delay before the next attempt, in milliseconds. */
  nextMs(): number {
    const delayMs = this.#nextMs * (1 + JITTER * (2 * this.#random() - 1));
    this.#nextMs = Math.min(this.#nextMs * FACTOR, LONGEST_MS);
    return delayMs;
  }

  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
