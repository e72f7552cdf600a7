/** Owns seeded random numbers: the same seed gives the same keys, values, arrivals and shuffles. */

/** Yields floats in [0, 1) with 32 random bits. */
export type Random = () => number;

/**
 * sfc32 (Chris Doty-Humphrey's Small Fast Counter, 32 bits), mixed well before its first use.
 * `stream` separates the generators that one seed feeds, such as the workers'.
 */
export function seededRandom(seed: number, stream: number): Random {
  let a = seed | 0;
  let b = stream | 0;
  let c = 0x9e3779b9 | 0;
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
