/**
 * Keeps a lease of the coordination etcd alive, by which a process is present. The process counts it as
 * lost after its time to live without an answer, on its own clock, so that one that is cut off knows too.
 */

/**
 * Its time to live, within which a load ends on an agent that is cut off. An etcd that is restarted in order
 * waits 7 s for its clients first.
 */
export const LEASE_SECONDS = 15;
const RENEW_MS = 2_000;

export interface LeaseOptions {
  /** Resolves to the time to live that is left, in seconds; 0: the lease is gone. */
  renew: () => Promise<number>;
  /** Called once, with a clause. */
  onLost: (reason: string) => void;
  nowMs?: () => number;
}

export class KeptLease {
  readonly #options: Required<LeaseOptions>;
  readonly #timer: NodeJS.Timeout;
  #aliveMs: number;
  #isAsking = false;
  #isOver = false;

  /** Counts from when the lease was asked for. */
  constructor(options: LeaseOptions) {
    this.#options = { nowMs: () => performance.now(), ...options };
    this.#aliveMs = this.#options.nowMs();
    this.#timer = setInterval(() => void this.tick(), RENEW_MS);
  }

  /** Called by its timer. */
  async tick(): Promise<void> {
    const sentMs = this.#options.nowMs();
    if (sentMs - this.#aliveMs >= LEASE_SECONDS * 1e3) {
      return this.#lose(`the coordination etcd has not answered for ${LEASE_SECONDS} s`);
    }
    if (this.#isAsking || this.#isOver) return;
    this.#isAsking = true;
    try {
      const leftSeconds = await this.#options.renew();
      if (leftSeconds === 0) this.#lose("its lease in the coordination etcd is gone");
      this.#aliveMs = sentMs;
    } catch {
      // The next tick asks again, and the time to live bounds how often.
    } finally {
      this.#isAsking = false;
    }
  }

  end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  #lose(reason: string): void {
    if (this.#isOver) return;
    this.end();
    this.#options.onLost(reason);
  }
}
