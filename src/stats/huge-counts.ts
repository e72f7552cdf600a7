/**
 * Reads HdrHistogram V2 with counts that hdr-histogram-js's decoder cannot hold: it takes those of
 * 2^31 and more in one bucket modulo 2^32, and crashes on some.
 */
import type { WasmHistogram } from "hdr-histogram-js";

const HEADER_BYTES = 40;
/** Up to here a JavaScript number is exact. */
const MOST_COUNT = Number.MAX_SAFE_INTEGER;
/** The format's last byte of a word has eight bits of it. */
const MOST_WORD_BYTES = 9;
/** Below 2 x 1024 a bucket is 1 wide; from there on each power of two has 1024 buckets. */
const HALF_BUCKETS = 1024;

/** Whether a word takes five bytes or more and is no run of empty buckets, which are fewer. */
export function hasHugeCount(bytes: Uint8Array): boolean {
  let length = 0;
  for (let at = HEADER_BYTES; at < bytes.byteLength; at++) {
    if (bytes[at]! < 0x80) length = 0;
    else if (++length > 3) return true;
  }
  return false;
}

/** Adds each bucket's count. Throws an Error where the bytes are cut short or a count is no count. */
export function addHugeCounts(histogram: WasmHistogram, bytes: Uint8Array): void {
  const filled: { bucket: number; count: number }[] = [];
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
  const top = filled.at(-1);
  if (top === undefined) return;
  // As the decoder does: the maximum is rounded up to its bucket's end, the minimum down.
  for (const { bucket, count } of filled) {
    const rest = bucket === top.bucket ? count - 1 : count;
    if (rest > 0) histogram.recordValueWithCount(lowestOf(bucket), rest);
  }
  histogram.recordValueWithCount(lowestOf(top.bucket + 1) - 1, 1);
}

function lowestOf(bucket: number): number {
  if (bucket < 2 * HALF_BUCKETS) return bucket;
  const power = Math.floor(bucket / HALF_BUCKETS) - 1;
  return (bucket - power * HALF_BUCKETS) * 2 ** power;
}
