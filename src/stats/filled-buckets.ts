/** Reads the counts of an HdrHistogram V2 (uncompressed, nanoseconds, 3 digits), bucket by bucket. */
import { HIGHEST_NS, V2_HEADER_BYTES } from "./histogram-form.ts";

/** Up to here a JavaScript number is exact. */
const MOST_COUNT = Number.MAX_SAFE_INTEGER;
/** The format's last byte of a word has eight bits of it. */
const MOST_WORD_BYTES = 9;
/** Below 2 x 1024 a bucket is 1 wide; from there on each power of two has 1024 buckets. */
const HALF_BUCKETS_BITS = 10;
const HALF_BUCKETS = 1 << HALF_BUCKETS_BITS;
/** A shift of integers takes 31 bits. */
const SHIFT_LIMIT = 2 ** 31;

/** Of a histogram up to one hour. */
export const BUCKETS = bucketOf(HIGHEST_NS) + 1;

export interface FilledBucket {
  /** Its index in the histogram. */
  bucket: number;
  /** Above 0. */
  count: number;
}

/** Filled buckets in ascending order, in arrays that are used again: the first `length` of each. */
export interface BucketList {
  length: number;
  buckets: Uint32Array;
  counts: Float64Array;
}

/**
 * In ascending order, without empty buckets. Throws an Error where the bytes are cut short, a count
 * is above 2^53, or there are more than the histogram has.
 */
export function filledBuckets(bytes: Uint8Array): FilledBucket[] {
  const { length, buckets, counts } = readBuckets(bytes);
  return Array.from({ length }, (_, at) => ({ bucket: buckets[at]!, count: counts[at]! }));
}

/** One thread reads one histogram at a time. */
const list: BucketList = { length: 0, buckets: new Uint32Array(0), counts: new Float64Array(0) };

/** The same without an object for each; the next call takes the list for its own. */
export function readBuckets(bytes: Uint8Array): BucketList {
  if (list.buckets.length === 0) {
    list.buckets = new Uint32Array(BUCKETS);
    list.counts = new Float64Array(BUCKETS);
  }
  const { buckets, counts } = list;
  const end = bytes.byteLength;
  let filled = 0;
  let bucket = 0;
  for (let at = V2_HEADER_BYTES; at < end; ) {
    let word = 0;
    let factor = 1;
    for (let length = 1; ; length++) {
      if (at === end) throw new Error("histogram is cut short");
      const byte = bytes[at++]!;
      if (byte < 0x80 || length === MOST_WORD_BYTES) {
        word += byte * factor;
        break;
      }
      word += (byte & 0x7f) * factor;
      factor *= 0x80;
    }
    if (word % 2 === 1) {
      bucket += (word + 1) / 2;
      continue;
    }
    if (word / 2 > MOST_COUNT) throw new Error("histogram has a count beyond 2^53");
    if (word > 0) {
      if (bucket >= BUCKETS) throw new Error("histogram has a value above an hour");
      buckets[filled] = bucket;
      counts[filled++] = word / 2;
    }
    bucket += 1;
  }
  list.length = filled;
  return list;
}

/** The lowest value that a bucket counts. */
export function lowestOf(bucket: number): number {
  if (bucket < 2 * HALF_BUCKETS) return bucket;
  const power = Math.floor(bucket / HALF_BUCKETS) - 1;
  return (bucket - power * HALF_BUCKETS) * 2 ** power;
}

/** The bucket that counts a value. */
export function bucketOf(value: number): number {
  if (value < SHIFT_LIMIT) {
    const power = 31 - Math.clz32(value) - HALF_BUCKETS_BITS;
    return power <= 0 ? value | 0 : power * HALF_BUCKETS + (value >>> power);
  }
  const power = 31 + 31 - Math.clz32(value / SHIFT_LIMIT) - HALF_BUCKETS_BITS;
  return power * HALF_BUCKETS + Math.floor(value / 2 ** power);
}
