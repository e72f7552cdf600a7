/**
 * Owns the delays of the null server: each put is answered after a delay drawn from a known
 * distribution, waited for by spinning, and what was really waited is kept in a histogram, for
 * that is the truth that the client's percentiles are held against.
 */
import { nowNs } from "../clock.ts";
import { type Random, seededRandom } from "../random.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import type { Calls, PutDelayer } from "./calls.ts";
import { DelayQueue } from "./delay-queue.ts";

/** `leastMs` plus a lognormal with the median `medianMs` and the shape `sigma`, cut at `mostMs`. */
export interface DelayDistribution {
  seed: number;
  leastMs: number;
  medianMs: number;
  sigma: number;
  mostMs: number;
}

interface Waiting {
  calls: Calls;
  streamId: number;
  receivedNs: number;
}

const DELAY_STREAM = 0;

export class Delayer implements PutDelayer {
  readonly #distribution: DelayDistribution;
  readonly #random: Random;
  readonly #queue = new DelayQueue<Waiting>();
  readonly #delays = new LatencyHistogram();
  #isSpinning = false;

  constructor(distribution: DelayDistribution) {
    this.#distribution = distribution;
    this.#random = seededRandom(distribution.seed, DELAY_STREAM);
  }

  add(calls: Calls, streamId: number, receivedNs: number): void {
    const dueNs = receivedNs + drawDelayMs(this.#distribution, this.#random) * 1e6;
    this.#queue.add(dueNs, { calls, streamId, receivedNs });
    if (this.#isSpinning) return;
    this.#isSpinning = true;
    setImmediate(this.#answerDue);
  }

  /** The delays since the last call, as HdrHistogram V2. */
  take(): Uint8Array {
    const encoded = this.#delays.encode();
    this.#delays.reset();
    return encoded;
  }

  /** One turn of the event loop: sockets are looked at between two of them. */
  readonly #answerDue = (): void => {
    const now = nowNs();
    while (this.#queue.nextNs <= now) {
      const { calls, streamId, receivedNs } = this.#queue.take()!;
      const answeredNs = calls.answerNow(streamId);
      if (answeredNs !== null) this.#delays.recordNs(answeredNs - receivedNs);
    }
    this.#isSpinning = this.#queue.nextNs !== Number.POSITIVE_INFINITY;
    if (this.#isSpinning) setImmediate(this.#answerDue);
  };
}

export function drawDelayMs(distribution: DelayDistribution, random: Random): number {
  const { leastMs, medianMs, sigma, mostMs } = distribution;
  // Box and Muller; 1 - u lies in (0, 1], so the logarithm is finite.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(mostMs, leastMs + medianMs * Math.exp(sigma * normal));
}
