/**
 * Draws keys by their popularity: which index is next, evenly, by Zipf's law, or by that law with the
 * newest keys first. A draw allocates nothing and takes the same time in a space of any size.
 */
import type { KeySpace } from "../../../plan/key-space.ts";
import { type Random, randomBelow } from "../../../random.ts";

/** YCSB's: the key of rank k is drawn in proportion to k to the power of minus this. */
export const ZIPF_EXPONENT = 0.99;
/** Below this many items 32 random bits are fine-grained enough to reach each of them. */
const MOST_ITEMS_OF_ONE_DRAW = 2 ** 16;
const TWO_TO_32 = 2 ** 32;

/** Keys that exist beyond the space, the oldest first: what `latest` must know of inserts. */
export interface InsertedKeys {
  readonly count: number;
  /** The index of the `at`-th of them, from 0. */
  indexOf(at: number): number;
}

const NONE_INSERTED: InsertedKeys = { count: 0, indexOf: () => 0 };

export type DrawIndex = (random: Random) => number;

/** Draws indices in [0, keySpaceSize), and with `latest` those of `inserted` too. */
export function indexDraw(
  keySpaceSize: number,
  popularity: KeySpace["popularity"],
  inserted: InsertedKeys = NONE_INSERTED,
): DrawIndex {
  switch (popularity) {
    case "uniform":
      return (random) => randomBelow(random, keySpaceSize);
    case "zipfian": {
      const ranks = new ZipfRanks(keySpaceSize);
      const scatter = new Scatter(keySpaceSize);
      return (random) => scatter.indexOf(ranks.draw(random));
    }
    case "latest": {
      const ranks = new ZipfRanks(keySpaceSize);
      return (random) => {
        ranks.resize(keySpaceSize + inserted.count);
        const age = ranks.draw(random);
        return age < inserted.count
          ? inserted.indexOf(inserted.count - 1 - age)
          : keySpaceSize - 1 - (age - inserted.count);
      };
    }
  }
}

/**
 * Ranks 0 to items - 1 by Zipf's law, exactly: rejection-inversion (Hörmann and Derflinger, 1996).
 * The area under x^-s is inverted for a point, whose nearest whole number is kept where the point
 * lies below that number's bar; of a hundred draws a few at most are drawn anew.
 */
export class ZipfRanks {
  #items = 0;
  /** Areas up to the lower edge of the first bar, less its height, and up to the last one's upper. */
  readonly #areaFrom = area(1.5) - 1;
  #areaTo = 0;
  /** Left of its number by no more than this, a point lies below the bar for certain. */
  readonly #certain = 2 - inverseArea(area(2.5) - height(2));

  constructor(items: number) {
    this.resize(items);
  }

  resize(items: number): void {
    if (items === this.#items) return;
    this.#items = items;
    this.#areaTo = area(items + 0.5);
  }

  draw(random: Random): number {
    const isLarge = this.#items > MOST_ITEMS_OF_ONE_DRAW;
    while (true) {
      const fraction = isLarge ? random() + random() / TWO_TO_32 : random();
      const under = this.#areaTo + fraction * (this.#areaFrom - this.#areaTo);
      const point = inverseArea(under);
      const nearest = Math.min(this.#items, Math.max(1, Math.floor(point + 0.5)));
      if (nearest - point <= this.#certain || under >= area(nearest + 0.5) - height(nearest)) {
        return nearest - 1;
      }
    }
  }
}

/** The height of rank x's bar. */
function height(x: number): number {
  return Math.exp(-ZIPF_EXPONENT * Math.log(x));
}

/** The integral of `height`, (x^(1-s) - 1) / (1-s), without the loss of digits near s = 1. */
function area(x: number): number {
  return Math.expm1((1 - ZIPF_EXPONENT) * Math.log(x)) / (1 - ZIPF_EXPONENT);
}

function inverseArea(under: number): number {
  return Math.exp(Math.log1p(under * (1 - ZIPF_EXPONENT)) / (1 - ZIPF_EXPONENT));
}

const ROUND_KEYS = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;

/**
 * Scatters ranks over the whole space, each to an index of its own, so that hot keys are no
 * neighbours: a Feistel network over the next power of two, walked on while it leads outside.
 * It does not depend on the seed: which keys are hot is the same in each worker and each run.
 */
export class Scatter {
  readonly #size: number;
  readonly #lowSpan: number;
  readonly #lowMask: number;
  readonly #highMask: number;

  constructor(size: number) {
    this.#size = size;
    let bits = 2;
    while (2 ** bits < size) bits += 1;
    const lowBits = Math.ceil(bits / 2);
    this.#lowSpan = 2 ** lowBits;
    this.#lowMask = this.#lowSpan - 1;
    this.#highMask = 2 ** (bits - lowBits) - 1;
  }

  indexOf(rank: number): number {
    let index = rank;
    do {
      let high = Math.floor(index / this.#lowSpan);
      let low = index % this.#lowSpan;
      for (let round = 0; round < ROUND_KEYS.length; round += 2) {
        high ^= mixed(low, ROUND_KEYS[round]!) & this.#highMask;
        low ^= mixed(high, ROUND_KEYS[round + 1]!) & this.#lowMask;
      }
      index = high * this.#lowSpan + low;
    } while (index >= this.#size);
    return index;
  }
}

/** 32 bits that all depend on all of `value` and `key`. */
function mixed(value: number, key: number): number {
  let bits = Math.imul(value ^ key, 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}
