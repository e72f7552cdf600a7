/** Holds the token that the calls of one worker carry, and asks once for a new one. */

export class TokenHolder {
  #token: string;
  #generation = 0;
  #isAsking = false;
  #isFinal = false;
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

  /** False once etcd has refused to give another: asking again would only cost it a bcrypt each. */
  get isRenewable(): boolean {
    return !this.#isFinal;
  }

  /** Asks once, however many requests were turned away. */
  renew(): void {
    if (this.#isAsking || this.#isFinal) return;
    this.#isAsking = true;
    this.#ask(this.#token);
  }

  renewed(token: string): void {
    this.#isAsking = false;
    this.#token = token;
    this.#generation += 1;
    this.onSettled(null);
  }

  /** @param isFinal no later try can end otherwise */
  failed(reason: string, isFinal: boolean): void {
    this.#isAsking = false;
    this.#isFinal ||= isFinal;
    this.onSettled(reason);
  }
}
