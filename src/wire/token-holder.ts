/** Holds the token that the calls of one worker carry, and asks once for a new one. */
import { nowNs } from "../clock.ts";

/**
 * After a renewal that failed none is asked for so long. To check a password is hard work for etcd, and
 * the user may be back by then.
 */
export const RENEWAL_PAUSE_MS = 1_000;

export class TokenHolder {
  #token: string;
  #generation = 0;
  #isAsking = false;
  #failure: string | null = null;
  #pausedUntilNs = 0;
  readonly #ask: (refused: string) => void;
  readonly #isRefused: (status: number, message: string) => boolean;
  /** Set by the transport: a new token is here, or `failure` says why none is. */
  onSettled: (failure: string | null) => void = () => {};

  /**
   * @param ask must lead to `renewed` or `failed`, later
   * @param isRefused whether a call failed over its token alone, by its gRPC status and message
   */
  constructor(
    token: string,
    ask: (refused: string) => void,
    isRefused: (status: number, message: string) => boolean,
  ) {
    this.#token = token;
    this.#ask = ask;
    this.#isRefused = isRefused;
  }

  isRefused(status: number, message: string): boolean {
    return this.#isRefused(status, message);
  }

  get token(): string {
    return this.#token;
  }

  /** Grows by one with each new token. */
  get generation(): number {
    return this.#generation;
  }

  /** Why there is no new token, as long as none is asked for; null: `renew` asks for one. */
  failureAt(now: number): string | null {
    return now < this.#pausedUntilNs ? this.#failure : null;
  }

  /** Asks once, however many requests were turned away, and not while there is a failure. */
  renew(now: number): void {
    if (this.#isAsking || this.failureAt(now) !== null) return;
    this.#isAsking = true;
    this.#ask(this.#token);
  }

  renewed(token: string): void {
    this.#isAsking = false;
    this.#failure = null;
    this.#token = token;
    this.#generation += 1;
    this.onSettled(null);
  }

  failed(reason: string): void {
    this.#isAsking = false;
    this.#failure = reason;
    this.#pausedUntilNs = nowNs() + RENEWAL_PAUSE_MS * 1e6;
    this.onSettled(reason);
  }
}
