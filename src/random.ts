/** Makes seeded random numbers: the same seed gives the same keys, values, arrivals and shuffles. */

/** Yields floats in [0, 1) with 32 random bits. */
export type Random = () => number;

/**
 * `stream` separates the generators of a seed that one caller has for itself; what shares a seed
 * with others draws from a `SeedStream`.
 */
export function seededRandom(seed: number, stream: number): Random {
  return generator(seed, stream, 0x9e3779b9);
}

/**
 * The random numbers of one purpose that a run's seed feeds, such as the keys of puts. Those of two
 * names have nothing in common, whatever else the run draws.
 */
export class SeedStream {
  readonly name: string;
  readonly #low: number;
  readonly #high: number;

  /** @param name of this purpose alone, of the form `put.keys` */
  constructor(name: string) {
    this.name = name;
    [this.#low, this.#high] = hashOf(name);
  }

  /** @param index tells several generators of the purpose apart, such as those of workers */
  random(seed: number, index = 0): Random {
    return generator(seed, this.#low, this.#high + index);
  }
}

/** 64 bits in two halves, after cyrb53 (bryc, public domain), whose steps are MurmurHash3's. */
function hashOf(text: string): [low: number, high: number] {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x9e3779b1);
    high = Math.imul(high ^ code, 0x5f356495);
  }
  const [first, second] = [low, high];
  low =
    Math.imul(first ^ (first >>> 16), 0x85ebca6b) ^ Math.imul(second ^ (second >>> 13), 0xc2b2ae35);
  high =
    Math.imul(second ^ (second >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return [low, high];
}

/** sfc32 (Chris Doty-Humphrey's Small Fast Counter, 32 bits), mixed well before its first use. */
function generator(first: number, second: number, third: number): Random {
  let a = first | 0;
  let b = second | 0;
  let c = third | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 16; round++) next();
  return next;
}

/** A whole number in [0, bound), also for bounds beyond 32 bits. */
export function randomBelow(random: Random, bound: number): number {
  if (bound <= 4_294_967_296) return Math.floor(random() * bound);
  // 53 bits from two draws.
  const high = Math.floor(random() * 2_097_152);
  return Math.floor(
    ((high * 4_294_967_296 + random() * 4_294_967_296) / 9_007_199_254_740_992) * bound,
  );
}

export function randomBytes(random: Random, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; at++) bytes[at] = Math.floor(random() * 256);
  return bytes;
}
