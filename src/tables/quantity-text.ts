/** Formats one figure of a quantity: the figure itself, or what is known of it where samples are missing. */
import type { Quantity } from "../result/schema.ts";
import { ABSENT, formatCount } from "./number-format.ts";

export type QuantityFigure = "p50" | "p90" | "p95" | "p99" | "p999" | "max";

const RANKS: readonly (readonly ["min" | QuantityFigure, number])[] = [
  ["min", 0],
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p999", 0.999],
  ["max", 1],
];

/**
 * `12`; with `missing` samples, which may be of any size, `>=12`, `<=40`, `12 to 40`, or a dash.
 * A result keeps no histogram of a quantity, so its known percentiles bound those of all samples.
 */
export function quantityText(
  quantity: Quantity | null,
  figure: QuantityFigure,
  missing: number,
): string {
  if (quantity === null) return ABSENT;
  if (missing === 0) return formatCount(quantity[figure]);
  const { least, most } = boundsOf(quantity, figure, missing);
  if (least !== null && most !== null) {
    const low = formatCount(least);
    return least === most ? low : `${low} to ${formatCount(most)}`;
  }
  // That a count is not below 0 says nothing.
  if (least !== null && least > 0) return `>=${formatCount(least)}`;
  return most === null ? ABSENT : `<=${formatCount(most)}`;
}

function boundsOf(quantity: Quantity, figure: QuantityFigure, missing: number) {
  const { count } = quantity;
  const share = RANKS.find(([name]) => name === figure)![1];
  const rank = rankOf(share, count + missing);
  let least: number | null = null;
  let most: number | null = null;
  for (const [name, knownShare] of RANKS) {
    const value = quantity[name];
    if (value === null) continue;
    const known = rankOf(knownShare, count);
    // With all that is missing below it, and above it.
    if (known <= rank - missing) least = value;
    if (most === null && known >= rank) most = value;
  }
  return { least, most };
}

function rankOf(share: number, count: number): number {
  // 0.999 * 10,000 is a little more than 9,990 in floating point.
  return Math.max(1, Math.ceil(share * count * (1 - 2 * Number.EPSILON)));
}
