/** Owns a stored histogram as the curve of latency over percentile that a chart draws. */
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { carriesPercentile, NS_PER_MS } from "./latency.ts";

export interface PercentilePoint {
  /** In [0, 100). */
  percentile: number;
  ms: number;
}

/** Evenly on the axis of 1 / (1 - p): so many in each factor of ten. */
const POINTS_PER_DECADE = 10;
/** What lies before the first, the very quickest, would bend the whole chart. */
const FAMILIAR_PERCENTILES = [10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999];
const COUNT_BITS = 64;

/**
 * Ends where fewer than ten samples lie beyond. Empty without samples.
 * @param text HdrHistogram V2, compressed, base64; of nanoseconds
 */
export function percentileCurve(text: string): PercentilePoint[] {
  // Read without WebAssembly, which a report would have to wait for.
  const histogram = decodeFromCompressedBase64(text, COUNT_BITS, false);
  const count = histogram.totalCount;
  const between = Array.from({ length: 6 * POINTS_PER_DECADE }, (_, step) => {
    return 100 * (1 - 10 ** (-(step + 1) / POINTS_PER_DECADE));
  });
  return [...new Set([...FAMILIAR_PERCENTILES, ...between])]
    .sort((a, b) => a - b)
    .filter((percentile) => carriesCurve(count, percentile))
    .map((percentile) => {
      const ns = histogram.getValueAtPercentile(percentile);
      return { percentile, ms: Math.min(ns, histogram.maxValue) / NS_PER_MS };
    });
}

/** As `carriesPercentile`, for percentiles finer than its tenths. */
function carriesCurve(count: number, percentile: number): boolean {
  if (percentile <= 99.9) return carriesPercentile(count, percentile);
  return count * (1 - percentile / 100) >= 10 * (1 - 1e-9);
}
