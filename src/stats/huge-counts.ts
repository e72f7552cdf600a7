/**
 * Reads HdrHistogram V2 with counts that hdr-histogram-js's decoder cannot hold: it takes those of
 * 2^31 and more in one bucket modulo 2^32, and crashes on some.
 */
import type { WasmHistogram } from "hdr-histogram-js";
import { filledBuckets, lowestOf } from "./filled-buckets.ts";
import { V2_HEADER_BYTES } from "./histogram-form.ts";

/** Whether a word takes five bytes or more and is no run of empty buckets, which are fewer. */
export function hasHugeCount(bytes: Uint8Array): boolean {
  let length = 0;
  for (let at = V2_HEADER_BYTES; at < bytes.byteLength; at++) {
    if (bytes[at]! < 0x80) length = 0;
    else if (++length > 3) return true;
  }
  return false;
}

/** Adds each bucket's count. Throws an Error where the bytes are cut short or a count is no count. */
export function addHugeCounts(histogram: WasmHistogram, bytes: Uint8Array): void {
  const filled = filledBuckets(bytes);
  const top = filled.at(-1);
  if (top === undefined) return;
  // As the decoder does: the maximum is rounded up to its bucket's end, the minimum down.
  for (const { bucket, count } of filled) {
    const rest = bucket === top.bucket ? count - 1 : count;
    if (rest > 0) histogram.recordValueWithCount(lowestOf(bucket), rest);
  }
  histogram.recordValueWithCount(lowestOf(top.bucket + 1) - 1, 1);
}
