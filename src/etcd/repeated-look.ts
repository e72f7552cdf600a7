/**
 * Repeats a look until it is stopped: at a steady pace, and at short steps while it is unanswered, so
 * that an answer is seen soon after it is possible again. Looks never overlap.
 */
import { setTimeout as delay } from "node:timers/promises";

const SOON_MS = 100;

/** Never rejects. False: what it looked at has answered before, and does not now. */
export type Look = () => Promise<boolean>;

export class RepeatedLook {
  readonly #look: Look;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<boolean> | null = null;
  #isStopped = false;

  constructor(look: Look, everyMs: number) {
    this.#look = look;
    this.#everyMs = everyMs;
  }

  /** Looks for the first time. */
  async start(): Promise<void> {
    this.#underWay = this.#look();
    const isAnswered = await this.#underWay;
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.start(), isAnswered ? this.#everyMs : SOON_MS);
    this.#timer.unref();
  }

  /** Looks a last time, as a look that is under way may have begun before; until it is answered. */
  async stop(isOver: AbortSignal): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
    while (!isOver.aborted && !(await this.#look())) {
      await delay(SOON_MS, undefined, { ref: false });
    }
  }
}
