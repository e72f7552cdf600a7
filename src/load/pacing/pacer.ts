/**
 * Waits in a worker for the next due time. A timer of Node is a millisecond coarse, so the last stretch
 * is spent either in naps (`nap`: short sleeps of the thread, with a look at the socket between them)
 * or in a spin (`spin`: a whole core). `timer` sleeps in timers alone.
 */
import { nowNs } from "../../clock.ts";

export type WaitStrategy = "nap" | "spin" | "timer";

/**
 * A timer fires up to a millisecond late; before that distance the loop may block in it, where it
 * still wakes at once for a response.
 */
const TIMER_MARGIN_NS = 2.2e6;
const TIMER_EARLY_NS = 1.2e6;
/** Linux adds about 50 us (its timer slack) to any sleep, so shorter rests are spun through. */
const SLEEP_SLACK_NS = 65_000;
/** While answers are awaited, a nap delays how soon one is seen; a short one delays it little. */
const LONGEST_NAP_NS = 100_000;

export class Pacer {
  readonly #strategy: WaitStrategy;
  /** Sends what is due; returns when to come again, Infinity for "not before `wake`". */
  readonly #tick: (nowNs: number) => number;
  /** Whether an answer may come: if not, a nap can last until the next request is due. */
  readonly #isAwaiting: () => boolean;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  #timer: NodeJS.Timeout | null = null;
  #isScheduled = false;
  #isStopped = true;
  #passEndNs = 0;
  /** Time spent waiting while the event loop counts as active, in nanoseconds, in all phases. */
  waitedNs = 0;

  constructor(strategy: WaitStrategy, tick: (nowNs: number) => number, isAwaiting: () => boolean) {
    this.#strategy = strategy;
    this.#tick = tick;
    this.#isAwaiting = isAwaiting;
  }

  start(): void {
    this.#isStopped = false;
    this.wake();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Something may be due, or a client has come free. */
  wake(): void {
    if (this.#isScheduled || this.#isStopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#passSoon();
  }

  #passSoon(): void {
    this.#isScheduled = true;
    this.#passEndNs = nowNs();
    setImmediate(this.#pass);
  }

  readonly #pass = (): void => {
    this.#isScheduled = false;
    if (this.#isStopped) return;
    const now = nowNs();
    const dueNs = this.#tick(now);
    if (this.#isStopped || dueNs === Number.POSITIVE_INFINITY) return;
    const restNs = dueNs - nowNs();
    if (this.#strategy === "timer") {
      this.#sleepInTimer(restNs);
    } else if (this.#strategy === "spin") {
      // A turn of the loop in which nothing came is waiting, not work.
      if (dueNs > now) this.waitedNs += now - this.#passEndNs;
      this.#passSoon();
    } else if (restNs > TIMER_MARGIN_NS) {
      this.#sleepInTimer(restNs - TIMER_EARLY_NS);
    } else {
      const longestNs = this.#isAwaiting() ? LONGEST_NAP_NS : TIMER_MARGIN_NS;
      if (restNs > SLEEP_SLACK_NS) this.#nap(Math.min(restNs, longestNs) - SLEEP_SLACK_NS);
      else if (dueNs > now) this.waitedNs += now - this.#passEndNs;
      this.#passSoon();
    }
  };

  #nap(lengthNs: number): void {
    const before = nowNs();
    Atomics.wait(this.#sleeper, 0, 0, lengthNs / 1e6);
    this.waitedNs += nowNs() - before;
  }

  #sleepInTimer(lengthNs: number): void {
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.wake();
      },
      Math.max(0, lengthNs / 1e6),
    );
  }
}
