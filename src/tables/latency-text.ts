/** Formats one figure of a latency: the figure itself, or the bounds that are known of it. */
import type { Latency, LatencyFigure } from "../result/schema.ts";
import { ABSENT, formatDuration, formatMs, NONE_MS } from "./number-format.ts";

const DIGITS = 3;

/** `2.20 ms`; of a figure that is only bounded `>=2.80 s`, `<=77.0 ms` or `2.80 s to 3.10 s`. */
export function latencyText(latency: Latency, field: LatencyFigure): string {
  return textOf(latency, field, formatDuration, ">=", "<=");
}

/** The same in milliseconds without the unit, for a column that names it. */
export function latencyMsText(latency: Latency, field: LatencyFigure): string {
  return textOf(latency, field, formatMs, ">=", "<=");
}

/** The same of a figure between two bounds; null: there is no upper one. */
export function betweenMsText(leastMs: number, mostMs: number | null): string {
  if (leastMs === mostMs) return formatMs(leastMs <= NONE_MS ? 0 : leastMs);
  return boundText(leastMs, mostMs, formatMs, ">=", "<=") ?? ABSENT;
}

/** The same within a sentence: `2.20 ms`, `at least 2.80 s`. */
export function latencyWords(latency: Latency, field: LatencyFigure): string {
  return textOf(latency, field, formatDuration, "at least ", "at most ");
}

/** The same in milliseconds, with every digit of the figure and of its bounds. */
export function preciseLatencyText(latency: Latency, field: LatencyFigure): string {
  const ms = latency[field];
  if (ms !== null) return String(ms);
  const { leastMs, mostMs } = boundsOf(latency, field);
  return boundText(leastMs, mostMs, String, ">=", "<=", (bound) => bound) ?? ABSENT;
}

function textOf(
  latency: Latency,
  field: LatencyFigure,
  format: (ms: number) => string,
  atLeast: string,
  atMost: string,
): string {
  const ms = latency[field];
  if (ms !== null) return format(ms <= NONE_MS ? 0 : ms);
  const { leastMs, mostMs } = boundsOf(latency, field);
  return boundText(leastMs, mostMs, format, atLeast, atMost) ?? ABSENT;
}

/** `at least 2.80 s`, `at most 77.0 ms`, `2.80 s to 3.10 s`; null where nothing is known. */
export function boundWords(leastMs: number | null, mostMs: number | null): string | null {
  return boundText(leastMs, mostMs, formatDuration, "at least ", "at most ");
}

/** `>=2.80 s`, `<=77.0 ms`, `2.80 s to 3.10 s`; null where nothing is known. */
export function boundSymbols(leastMs: number | null, mostMs: number | null): string | null {
  return boundText(leastMs, mostMs, formatDuration, ">=", "<=");
}

function boundText(
  leastMs: number | null,
  mostMs: number | null,
  format: (ms: number) => string,
  atLeast: string,
  atMost: string,
  round = rounded,
): string | null {
  if (mostMs !== null && mostMs <= NONE_MS) return format(0);
  // A bound is rounded away from the figure, so that it holds as it is printed; that a time is not
  // below 0 says nothing.
  const least = leastMs === null || leastMs <= NONE_MS ? null : format(round(leastMs, Math.floor));
  const most = mostMs === null ? null : format(round(mostMs, Math.ceil));
  if (least !== null && most !== null) return least === most ? least : `${least} to ${most}`;
  if (least !== null) return `${atLeast}${least}`;
  return most === null ? null : `${atMost}${most}`;
}

/** Of a figure that is null; null where nothing is known. */
function boundsOf({ atLeast, atMost }: Latency, field: LatencyFigure) {
  if (field === "stddevMs" || field === "minMs") return { leastMs: null, mostMs: null };
  return { leastMs: atLeast?.[field] ?? null, mostMs: atMost?.[field] ?? null };
}

function rounded(ms: number, round: (value: number) => number): number {
  if (ms <= 0) return 0;
  const scale = 10 ** (DIGITS - 1 - Math.floor(Math.log10(ms)));
  // Of a number that has no more digits than these, nothing is to be rounded.
  if (Number(ms.toPrecision(DIGITS)) === ms) return ms;
  return round(ms * scale) / scale;
}
