/** Reads the counts of an HdrHistogram V2 (uncompressed, nanoseconds, 3 digits), bucket by bucket. */

export const HEADER_BYTES = 40;
/** Up to here a JavaScript number is exact. */
const MOST_COUNT = Number.MAX_SAFE_INTEGER;
/** The format's last byte of a word has eight bits of it. */
const MOST_WORD_BYTES = 9;
/** Below 2 x 1024 a bucket is 1 wide; from there on each power of two has 1024 buckets. */
const HALF_BUCKETS = 1024;

export interface FilledBucket {
  /** Its index in the histogram. */
  bucket: number;
  /** Above 0. */
  count: number;
}

/**
 * In ascending order, without empty buckets. Throws an Error where the bytes are cut short or a count
 * is above 2^53.
 */
export function filledBuckets(bytes: Uint8Array): FilledBucket[] {
  const filled: FilledBucket[] = [];
  let bucket = 0;
  for (let at = HEADER_BYTES; at < bytes.byteLength; ) {
    let word = 0;
    let length = 0;
    for (let isLast = false; !isLast; length++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("histogram is cut short");
      isLast = byte < 0x80 || length === MOST_WORD_BYTES - 1;
      word += (length < MOST_WORD_BYTES - 1 ? byte % 0x80 : byte) * 2 ** (7 * length);
    }
    if (word % 2 === 1) {
      bucket += (word + 1) / 2;
      continue;
    }
    if (word / 2 > MOST_COUNT) throw new Error("histogram has a count beyond 2^53");
    if (word > 0) filled.push({ bucket, count: word / 2 });
    bucket += 1;
  }
  return filled;
}

/** The lowest value that a bucket counts. */
export function lowestOf(bucket: number): number {
  if (bucket < 2 * HALF_BUCKETS) return bucket;
  const power = Math.floor(bucket / HALF_BUCKETS) - 1;
  return (bucket - power * HALF_BUCKETS) * 2 ** power;
}
