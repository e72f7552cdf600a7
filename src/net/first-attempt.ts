/** Tells the caller of a connection how its first attempt to connect ended. */
export class FirstAttempt {
  #settle: ((failure: string | null) => void) | null = null;

  /** Begins the attempt; resolves once it succeeded, rejects with the reason once it failed. */
  begin(connect: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (failure) => {
        this.#settle = null;
        if (failure === null) resolve();
        else reject(new Error(failure));
      };
      connect();
    });
  }

  /** False where the first attempt was over before. */
  ended(failure: string | null): boolean {
    if (this.#settle === null) return false;
    this.#settle(failure);
    return true;
  }
}
