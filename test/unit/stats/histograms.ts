/** Makes histograms of samples, and destroys them after use. */
import fc from "fast-check";
import { LatencyHistogram } from "../../../src/stats/histogram.ts";
import { HIGHEST_NS } from "../../../src/stats/histogram-form.ts";

export const PERCENTILES = [0, 1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

export const sampleNs = fc.oneof(
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1000, max: 50_000_000 }),
  fc.double({ min: 1, max: HIGHEST_NS, noNaN: true }),
);

export function histogramOf(samples: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const ns of samples) histogram.recordNs(ns);
  return histogram;
}

export function withHistograms<T>(
  use: (make: (samples: readonly number[]) => LatencyHistogram) => T,
): T {
  const made: LatencyHistogram[] = [];
  try {
    return use((samples) => {
      const histogram = histogramOf(samples);
      made.push(histogram);
      return histogram;
    });
  } finally {
    for (const histogram of made) histogram.destroy();
  }
}
