/**
 * Computes how long each value is where sizes vary: the n-th value's size is a pure function of n and a
 * random number from the seed, so that a request made again has the same one and no size is kept.
 */
import { drawnBytes, type ValueSize } from "../../../plan/value-size.ts";
import type { Random } from "../../../random.ts";

/** The golden ratio's share of 2^32: steps of it lie apart whatever they are added to. */
const GOLDEN = 0x9e3779b9;

export class ValueSizes {
  readonly #size: ValueSize;
  readonly #base: number;

  constructor(size: ValueSize, random: Random) {
    this.#size = size;
    this.#base = Math.floor(random() * 4_294_967_296) | 0;
  }

  /** @param n a whole number from 0 to 2^53 - 1 */
  at(n: number): number {
    const low = mixed((n | 0) ^ this.#base);
    const first = mixed(low + Math.floor(n / 4_294_967_296));
    const second = mixed(first + GOLDEN);
    return drawnBytes(this.#size, (first >>> 0) / 4_294_967_296, (second >>> 0) / 4_294_967_296);
  }
}

/** MurmurHash3's last step (Austin Appleby), by which each bit of 32 moves all others. */
function mixed(word: number): number {
  let bits = word | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
