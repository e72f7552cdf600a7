/** Keeps the free clients of a paced run, as a ring: the one that has rested longest is next. */

export class IdleClients {
  readonly #ring: Int32Array;
  #first = 0;
  count = 0;

  constructor(clients: number) {
    this.#ring = new Int32Array(clients);
  }

  clear(): void {
    this.#first = 0;
    this.count = 0;
  }

  rest(client: number): void {
    this.#ring[(this.#first + this.count) % this.#ring.length] = client;
    this.count += 1;
  }

  /** Only where `count` is not 0. */
  take(): number {
    const client = this.#ring[this.#first]!;
    this.#first = (this.#first + 1) % this.#ring.length;
    this.count -= 1;
    return client;
  }
}
