/**
 * Numbers requests by a key's index and by a turn, for requests that differ from turn to turn: puts of
 * one key have values of different sizes. The turn counts in whole key spaces above the index, and
 * starts over where the number would be no whole one any more.
 */
export class VersionedKeys {
  readonly #keySpaceSize: number;
  readonly #turns: number;
  #turn = 0;

  constructor(keySpaceSize: number) {
    this.#keySpaceSize = keySpaceSize;
    this.#turns = Math.floor(Number.MAX_SAFE_INTEGER / keySpaceSize);
  }

  next(index: number): number {
    const turn = this.#turn;
    this.#turn = turn + 1 < this.#turns ? turn + 1 : 0;
    return index + turn * this.#keySpaceSize;
  }

  indexOf(ticket: number): number {
    return ticket % this.#keySpaceSize;
  }

  restart(): void {
    this.#turn = 0;
  }
}
