/** Counts whole numbers from 0 up in a thread that measures; it loads no histogram. See quantity.ts. */
import type { LatencyCounts } from "./latency-counts.ts";

/** What is recorded in place of 0. */
export const SHIFT = 1;

/** Records a number where `QuantityHistogram` adds it up. */
export function recordQuantity(counts: LatencyCounts, value: number): void {
  counts.recordNs(value + SHIFT);
}
