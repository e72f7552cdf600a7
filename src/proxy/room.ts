/** Bounds the bytes that wait in a process, so that a delay on many connections cannot fill its memory. */

const DEFAULT_LIMIT_BYTES = 256 * 2 ** 20;

export class Room {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes = DEFAULT_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  get isFull(): boolean {
    return this.#usedBytes >= this.#limitBytes;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
