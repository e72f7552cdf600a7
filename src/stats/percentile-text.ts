/** Writes the text that HdrHistogram's tools plot: a distribution by percentile, each halved distance. */
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { checkedHistogramBytes } from "./histogram.ts";

const NS_PER_MS = 1e6;
const TICKS_PER_HALF_DISTANCE = 5;

/** Of what the histogram has, in milliseconds. */
export function histogramMaxMs(base64: string): number {
  checkedHistogramBytes(base64);
  return decodeFromCompressedBase64(base64, 64, false).maxValue / NS_PER_MS;
}

/** In milliseconds, with a newline at its end. Throws an Error that says what is wrong with the text. */
export function percentileText(base64: string): string {
  checkedHistogramBytes(base64);
  // Not WebAssembly, which only loads asynchronously: a report is rendered in one go.
  const histogram = decodeFromCompressedBase64(base64, 64, false);
  return histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, NS_PER_MS);
}
