/**
 * Keeps the distribution of whole numbers from 0 up that are no times, such as revisions: an
 * HdrHistogram of each number plus one, since its buckets start at 1. Exact up to 2,046, above that to
 * 3 digits.
 */
import type { Quantity } from "../result/schema.ts";
import { LatencyHistogram } from "./histogram.ts";
import { carriesPercentile } from "./latency.ts";
import { SHIFT } from "./quantity-counts.ts";

/** Memory is WebAssembly's: `destroy()` what is no longer needed. */
export class QuantityHistogram {
  readonly #shifted = new LatencyHistogram();

  addEncoded(bytes: Uint8Array): void {
    this.#shifted.addEncoded(bytes);
  }

  result(): Quantity {
    const { count } = this.#shifted;
    const figure = (shifted: number) => (count === 0 ? null : shifted - SHIFT);
    const percentile = (each: number) =>
      carriesPercentile(count, each) ? this.#shifted.percentileNs(each) - SHIFT : null;
    return {
      count,
      mean: figure(this.#shifted.meanNs),
      min: figure(this.#shifted.minNs),
      p50: percentile(50),
      p90: percentile(90),
      p95: percentile(95),
      p99: percentile(99),
      p999: percentile(99.9),
      max: figure(this.#shifted.maxNs),
    };
  }

  destroy(): void {
    this.#shifted.destroy();
  }
}
