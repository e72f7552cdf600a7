/**
 * Computes when requests are due in a paced run: pure arithmetic on a schedule that is fixed when the
 * clock starts, so that no delay of the server or of the client can move a later request.
 */
import { DealtSequence, dealtCount, type WorkerShare } from "../../plan/shares.ts";
import { type Random, SeedStream } from "../../random.ts";
import type { PhaseCommand, WorkerSetup } from "../messages.ts";

/** For each phase and worker another. */
const ARRIVALS = new SeedStream("arrivals");

/** The due times of one worker, in order. */
export interface Arrivals {
  /** When the next request is due; Infinity after the last. */
  readonly dueNs: number;
  advance(): void;
  /** How many are due before that time; `passed` of them are advanced past. */
  dueBefore(timeNs: number, passed: number): number;
}

/** Those of a worker in a phase that starts at `startNs` of its clock; null: it sends in a closed loop. */
export function arrivalsOf(
  { id, ratePerSec }: PhaseCommand,
  { share, pacing, load }: WorkerSetup,
  startNs: number,
): Arrivals | null {
  if (ratePerSec === null) return null;
  if (pacing.arrival === "constant") return new ConstantArrivals(startNs, ratePerSec, share);
  const random = ARRIVALS.random(load.seed, id * share.clients + share.workerIndex);
  return new PoissonArrivals(startNs, ratePerSec, share, random);
}

/** Request n of the whole run is due at start + n / rate; a worker has those dealt to it. */
export class ConstantArrivals implements Arrivals {
  readonly #sequence: DealtSequence;
  readonly #share: WorkerShare;
  readonly #startNs: number;
  readonly #periodNs: number;
  dueNs: number;

  constructor(startNs: number, ratePerSec: number, share: WorkerShare) {
    this.#sequence = new DealtSequence(share);
    this.#share = share;
    this.#startNs = startNs;
    this.#periodNs = 1e9 / ratePerSec;
    this.dueNs = this.#nextNs();
  }

  advance(): void {
    this.dueNs = this.#nextNs();
  }

  dueBefore(timeNs: number): number {
    return dealtCount(
      Math.max(0, Math.ceil((timeNs - this.#startNs) / this.#periodNs)),
      this.#share,
    );
  }

  #nextNs(): number {
    return this.#startNs + this.#sequence.next() * this.#periodNs;
  }
}

/**
 * Exponential gaps. The workers' processes are independent, with rates in proportion to their
 * clients; together they are the Poisson process of the whole rate.
 */
export class PoissonArrivals implements Arrivals {
  readonly #random: Random;
  readonly #meanGapNs: number;
  dueNs: number;

  constructor(startNs: number, ratePerSec: number, share: WorkerShare, random: Random) {
    this.#random = random;
    this.#meanGapNs = (1e9 / ratePerSec) * (share.clients / share.clientNumbers.length);
    this.dueNs = startNs;
    this.advance();
  }

  advance(): void {
    // 1 - u lies in (0, 1], so the logarithm is finite.
    this.dueNs -= Math.log(1 - this.#random()) * this.#meanGapNs;
  }

  /** What is due and not advanced past is estimated: nearly always too low, by three deviations. */
  dueBefore(timeNs: number, passed: number): number {
    if (this.dueNs >= timeNs) return passed;
    const expected = (timeNs - this.dueNs) / this.#meanGapNs;
    return passed + 1 + Math.max(0, Math.floor(expected - 3 * Math.sqrt(expected)));
  }
}
