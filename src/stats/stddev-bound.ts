/** Bounds the standard deviation from below where some requests have no latency. */
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import type { Latency } from "../result/schema.ts";
import { NS_PER_MS } from "./latency.ts";

const COUNT_BITS = 64;
/** A value is anywhere in its bucket, which is at most so wide, as a share of the value. */
const BUCKET_WIDTH = 1 / 1024;

/**
 * In ms; null where nothing proves that latencies differ. No latency that is added lowers the sum of
 * the squares about the mean, so that the deviation of all is at least sqrt(known / all) times that
 * of the known ones.
 */
export function stddevAtLeastMs({ histogram, missing }: Latency): number | null {
  if (histogram === null) return null;
  // Read without WebAssembly, which a pure function cannot wait for.
  const known = decodeFromCompressedBase64(histogram, COUNT_BITS, false);
  const { totalCount, mean, stdDeviation } = known;
  if (totalCount === 0) return null;
  // By so much the buckets may have moved the samples, in the quadratic mean.
  const rounding = Math.hypot(mean, stdDeviation) * BUCKET_WIDTH;
  if (stdDeviation <= rounding) return null;
  const deviation = (stdDeviation - rounding) / NS_PER_MS;
  return deviation * Math.sqrt(totalCount / (totalCount + (missing?.count ?? 0)));
}
