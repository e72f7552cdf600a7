/**
 * Holds the latency histogram that every thread records into: HdrHistogram over nanoseconds in
 * WebAssembly memory, with the three shapes it travels in (live, V2 bytes, base64).
 *
 * Errors of what is read back: a value is in a bucket at most 1/1024 of it wide. Percentiles are the
 * upper end of their bucket, the mean is taken over bucket middles. Min and max are exact while
 * recorded or added here; what came through bytes or base64 carries buckets only, so max is rounded up
 * and min down, each by less than 0.1%.
 */
import { inflateSync } from "node:zlib";
import {
  build,
  encodeIntoCompressedBase64,
  initWebAssembly,
  WasmHistogram,
} from "hdr-histogram-js";
import { EncodedSum } from "./encoded-sum.ts";
import {
  HIGHEST_NS,
  LOWEST_NS,
  SIGNIFICANT_DIGITS,
  V2_COOKIE,
  V2_HEADER_BYTES,
} from "./histogram-form.ts";
import { addHugeCounts, hasHugeCount } from "./huge-counts.ts";

// 64-bit counts: as fast as 32 to record, twice as fast to encode, and no run can overflow one.
const BUCKET_BITS = 64;

const V2_COMPRESSED_COOKIE = 0x1c849314;
// Every bucket of our range in nine-byte words is 300 KB; more than this is not one of ours.
const MAX_ENCODED_BYTES = 1 << 20;

/** Loads the WebAssembly module; to be awaited once in each thread before the first histogram. */
export async function initHistograms(): Promise<void> {
  await initWebAssembly();
}

/** Memory is WebAssembly's, not the collector's: `destroy()` what is no longer needed. */
export class LatencyHistogram {
  private readonly recorded: WasmHistogram;
  /** What was added encoded and is not in `recorded` yet; null: it is the first, or there was none. */
  private sum: EncodedSum | null = null;
  private hasEncoded = false;

  constructor() {
    this.recorded = build({
      useWebAssembly: true,
      bitBucketSize: BUCKET_BITS,
      lowestDiscernibleValue: LOWEST_NS,
      highestTrackableValue: HIGHEST_NS,
      numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
      autoResize: false,
    }) as WasmHistogram;
  }

  /** With all that was added. */
  private get hdr(): WasmHistogram {
    this.sum?.moveTo(this.recorded);
    return this.recorded;
  }

  /** Clamped to [1 ns, one hour]; never throws. NaN counts as 1. */
  recordNs(ns: number, count = 1): void {
    const value = ns >= LOWEST_NS ? Math.min(ns, HIGHEST_NS) : LOWEST_NS;
    if (count === 1) this.recorded.recordValue(value);
    else this.recorded.recordValueWithCount(value, count);
  }

  get count(): number {
    return this.hdr.totalCount;
  }

  /** 0 when empty, as are the other figures. */
  get minNs(): number {
    return this.count === 0 ? 0 : this.hdr.minNonZeroValue;
  }

  get maxNs(): number {
    return this.count === 0 ? 0 : Math.min(this.hdr.maxValue, HIGHEST_NS);
  }

  get meanNs(): number {
    return this.within(this.hdr.mean);
  }

  get stddevNs(): number {
    return this.count === 0 ? 0 : this.hdr.stdDeviation;
  }

  /** `percentile` in [0, 100]. */
  percentileNs(percentile: number): number {
    return this.within(this.hdr.getValueAtPercentile(percentile));
  }

  add(other: LatencyHistogram): void {
    this.hdr.add(other.hdr);
  }

  /** Adds what `encode()` of another histogram, in any thread, gave. Throws on other bytes. */
  addEncoded(bytes: Uint8Array): void {
    checkHeader(bytes);
    // One alone is read at once, as those of a file are.
    if (this.hasEncoded) {
      this.sum ??= new EncodedSum();
      this.sum.add(bytes);
      return;
    }
    this.hasEncoded = true;
    if (hasHugeCount(bytes)) addHugeCounts(this.recorded, bytes);
    else this.addDecoded(bytes);
  }

  private addDecoded(bytes: Uint8Array): void {
    const other = WasmHistogram.decode(bytes, BUCKET_BITS) as WasmHistogram;
    try {
      this.recorded.add(other);
    } finally {
      other.destroy();
    }
  }

  /** Takes out what is in `other`, all of which must be in here. */
  subtract(other: LatencyHistogram): void {
    this.hdr.subtract(other.hdr);
  }

  /** HdrHistogram V2, uncompressed, in a buffer of its own that may be transferred. */
  encode(): Uint8Array {
    return this.hdr.encode();
  }

  /** HdrHistogram V2, compressed, as every HdrHistogram tool reads it. */
  toBase64(): string {
    return encodeIntoCompressedBase64(this.hdr);
  }

  /** Throws an Error that says what is wrong with the text. */
  static fromBase64(text: string): LatencyHistogram {
    const bytes = checkedHistogramBytes(text);
    const histogram = new LatencyHistogram();
    try {
      histogram.addEncoded(bytes);
    } catch (cause) {
      histogram.destroy();
      throw cause;
    }
    return histogram;
  }

  reset(): void {
    this.sum?.clear();
    this.recorded.reset();
  }

  /** Frees the memory; any later call on it throws. */
  destroy(): void {
    this.recorded.destroy();
  }

  /** A bucket's middle or end may lie beyond the samples that it holds. */
  private within(ns: number): number {
    return this.count === 0 ? 0 : Math.max(this.minNs, Math.min(ns, this.maxNs));
  }
}

/** V2, uncompressed, of what `toBase64` gave. Throws an Error that says what is wrong with the text. */
export function checkedHistogramBytes(text: string): Uint8Array {
  const compressed = Buffer.from(text, "base64");
  // Node skips what is not base64, and stops at the first padding.
  if (compressed.toString("base64") !== text) throw new Error("histogram is not base64");
  const bytes = inflate(compressed);
  checkHeader(bytes);
  return bytes;
}

function checkHeader(bytes: Uint8Array): void {
  // Checked here since the decoder trusts the header, and would size its memory by it.
  if (bytes.byteLength < V2_HEADER_BYTES) throw new Error("histogram is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getInt32(0) !== V2_COOKIE) throw new Error("not an HdrHistogram V2");
  if (view.getInt32(4) !== bytes.byteLength - V2_HEADER_BYTES) {
    throw new Error("histogram's length does not match its header");
  }
  if (
    view.getInt32(12) !== SIGNIFICANT_DIGITS ||
    view.getBigInt64(16) !== BigInt(LOWEST_NS) ||
    view.getBigInt64(24) !== BigInt(HIGHEST_NS)
  ) {
    throw new Error("histogram has another range or precision than 1 ns to 1 h at 3 digits");
  }
}

function inflate(bytes: Buffer): Uint8Array {
  if (bytes.byteLength < 8 || bytes.readInt32BE(0) !== V2_COMPRESSED_COOKIE) {
    throw new Error("not a compressed HdrHistogram V2");
  }
  if (bytes.readInt32BE(4) !== bytes.byteLength - 8) {
    throw new Error("histogram's length does not match its header");
  }
  return inflateSync(bytes.subarray(8), { maxOutputLength: MAX_ENCODED_BYTES });
}
