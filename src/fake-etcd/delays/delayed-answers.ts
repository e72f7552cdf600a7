/**
 * Delays a method's answers: each by a time drawn from a known distribution, waited for by spinning.
 * The time that was really waited is recorded: client percentiles are compared with it.
 */
import { nowNs } from "../../clock.ts";
import { type Random, seededRandom } from "../../random.ts";
import { LatencyHistogram } from "../../stats/histogram.ts";
import type { Answer } from "../grpc/answer.ts";
import type { Caller, Method } from "../grpc/methods.ts";
import type { Service } from "../services.ts";
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
  caller: Caller;
  streamId: number;
  answer: Answer;
  receivedNs: number;
}

const DELAY_STREAM = 0;

export class DelayedAnswers {
  readonly #distribution: DelayDistribution;
  readonly #random: Random;
  readonly #queue = new DelayQueue<Waiting>();
  readonly #delays = new LatencyHistogram();
  #isSpinning = false;

  constructor(distribution: DelayDistribution) {
    this.#distribution = distribution;
    this.#random = seededRandom(distribution.seed, DELAY_STREAM);
  }

  /** `service` with the answers of its unary method `path` delayed. */
  of(service: Service, path: string): Service {
    const method = service.methods.get(path);
    if (method === undefined || method.isStream) throw new Error(`${path} is no unary method`);
    const delayed: Method = {
      isStream: false,
      get readsMessage() {
        return method.readsMessage;
      },
      answer: (message, caller, streamId, receivedNs) => {
        const answer = method.answer(message, caller, streamId, receivedNs);
        if (answer !== null) this.#add({ caller, streamId, answer, receivedNs });
        return null;
      },
    };
    return { ...service, methods: new Map([...service.methods, [path, delayed]]) };
  }

  #add(waiting: Waiting): void {
    const delayNs = drawDelayMs(this.#distribution, this.#random) * 1e6;
    this.#queue.add(waiting.receivedNs + delayNs, waiting);
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
      const { caller, streamId, answer, receivedNs } = this.#queue.take()!;
      const answeredNs = caller.answerNow(streamId, answer);
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
