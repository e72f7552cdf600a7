/** Reads a stored histogram as the curve of latency over percentile that a chart draws. */
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { carriesPercentile, NS_PER_MS } from "./latency.ts";
import { type Distribution, isExact, percentileBounds } from "./latency-bounds.ts";

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

export interface PercentileCurve {
  points: PercentilePoint[];
  /** The first percentile that is left out since missing requests could change it; null: none. */
  cutAt: number | null;
}

/**
 * Ends where fewer than ten samples lie beyond, or where missing requests could change the
 * percentile. Empty without samples.
 * @param text HdrHistogram V2, compressed, base64; of nanoseconds
 * @param missing the same, of requests without an answer, at the times that they had waited
 */
export function percentileCurve(text: string, missing: string | null = null): PercentileCurve {
  const answered = decode(text);
  const all = missing === null ? answered : withMissing(text, missing);
  const points: PercentilePoint[] = [];
  for (const percentile of percentilesFor(all.count)) {
    const bounds = percentileBounds(percentile, answered, all);
    if (!isExact(bounds)) return { points, cutAt: percentile };
    points.push({ percentile, ms: bounds.highNs / NS_PER_MS });
  }
  return { points, cutAt: null };
}

function percentilesFor(count: number): number[] {
  const between = Array.from({ length: 6 * POINTS_PER_DECADE }, (_, step) => {
    return 100 * (1 - 10 ** (-(step + 1) / POINTS_PER_DECADE));
  });
  return [...new Set([...FAMILIAR_PERCENTILES, ...between])]
    .sort((a, b) => a - b)
    .filter((percentile) => carriesCurve(count, percentile));
}

/** Without WebAssembly, which a report would have to wait for. */
function decode(text: string): Distribution {
  return distributionOf(decodeFromCompressedBase64(text, COUNT_BITS, false));
}

function withMissing(text: string, missing: string): Distribution {
  const all = decodeFromCompressedBase64(text, COUNT_BITS, false);
  all.add(decodeFromCompressedBase64(missing, COUNT_BITS, false));
  return distributionOf(all);
}

function distributionOf(histogram: ReturnType<typeof decodeFromCompressedBase64>): Distribution {
  return {
    count: histogram.totalCount,
    percentileNs: (percentile) =>
      Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue),
  };
}

/** As `carriesPercentile`, for percentiles finer than its tenths. */
function carriesCurve(count: number, percentile: number): boolean {
  if (percentile <= 99.9) return carriesPercentile(count, percentile);
  return count * (1 - percentile / 100) >= 10 * (1 - 1e-9);
}
