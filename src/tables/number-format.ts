/**
 * Formats numbers: three significant digits, thousands separators, units that fit. Null, a figure that
 * could not be had, is `-` everywhere.
 */
import { withThousands } from "../thousands.ts";

export const ABSENT = "-";
/** What histograms, whose values begin at 1 ns, hold in place of no time at all. */
export const NONE_MS = 1e-6;
/** The most that toFixed takes. */
const MOST_DECIMALS = 100;
/** Columns of the published tables have no room for more. */
const MOST_DECIMALS_OF_MS = 3;

/** Whole: `100,000`. */
export function formatCount(count: number | null): string {
  return count === null ? ABSENT : withThousands(count);
}

/** Requests per second: `41,213`, `583`, `12.5`, `0.00556`. */
export function formatRate(perSec: number | null): string {
  return perSec === null ? ABSENT : significant(perSec);
}

/** A rate that a user asks for, to six digits: `1,234.5`, `0.7`, `0.116667`. */
export function formatAskedRate(perSec: number): string {
  // JavaScript writes smaller ones with an exponent.
  if (perSec < 1e-4) return significant(perSec);
  const [whole, fraction] = String(Number(perSec.toPrecision(6))).split(".");
  return fraction === undefined
    ? withThousands(perSec)
    : `${withThousands(Number(whole))}.${fraction}`;
}

/** Milliseconds without the unit, for a column that names it, to a microsecond: `0.053`, `2.20`, `1,300`. */
export function formatMs(ms: number | null): string {
  return ms === null ? ABSENT : significant(ms, MOST_DECIMALS_OF_MS);
}

/** `53.0 µs`, `2.20 ms`, `1.30 s`, `12.5 min`. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return ABSENT;
  const size = Math.abs(ms);
  if (size <= NONE_MS) return "0 ms";
  // The bounds lie where the rounded number would reach the next unit.
  if (size < 0.9995) return `${significant(ms * 1000)} µs`;
  if (size < 999.5) return `${significant(ms)} ms`;
  if (size < 600_000) return `${significant(ms / 1000)} s`;
  return `${significant(ms / 60_000)} min`;
}

/** Decimal units, as the published tables have them: `256 B`, `48.0 MB`, `1.10 GB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return ABSENT;
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  if (bytes < 999.5e3) return `${significant(bytes / 1e3)} kB`;
  if (bytes < 999.5e6) return `${significant(bytes / 1e6)} MB`;
  return `${significant(bytes / 1e9)} GB`;
}

/** Megabytes (10^6) without the unit, for a column that names it. */
export function formatMegabytes(bytes: number | null): string {
  return bytes === null ? ABSENT : significant(bytes / 1e6);
}

/** `37%`, `0.4%`. */
export function formatPercent(percent: number | null): string {
  if (percent === null) return ABSENT;
  const digits = percent !== 0 && Math.abs(percent) < 9.95 ? 1 : 0;
  return `${percent.toFixed(digits)}%`;
}

/** `0.82x`. */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? ABSENT : `${ratio.toFixed(ratio < 9.995 ? 2 : 1)}x`;
}

function significant(value: number, mostDecimals = MOST_DECIMALS): string {
  const size = Math.abs(value);
  if (size >= 99.95) return withThousands(value);
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.9995) return value.toFixed(2);
  if (value === 0) return "0";
  // Of the rounded number: 0.09996 is 0.100.
  const exponent = Number(size.toExponential(2).split("e")[1]);
  return value.toFixed(Math.min(2 - exponent, mostDecimals));
}
