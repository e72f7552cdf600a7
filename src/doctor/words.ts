/** Words for times, ranges and histograms in findings. */
import { formatCount } from "../tables/number-format.ts";
import { meanOf, quantileRange, type Range, type Rise } from "./window.ts";

const MS_PER_SECOND = 1_000;

/** `0.2 ms`, `8 ms`, `1.02 s`: without the zeros of a table, for bounds of buckets are round. */
export function timeWords(seconds: number): string {
  const ms = seconds * MS_PER_SECOND;
  if (ms >= 0.9995 * MS_PER_SECOND) return `${short(seconds)} s`;
  return ms === 0 || ms >= 0.0995 ? `${short(ms)} ms` : `${short(ms * 1_000)} µs`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** `between 8 and 16 ms`, `at most 1 ms`, `above 8.19 s`. */
export function rangeWords({ above, atMost }: Range): string {
  if (atMost === Number.POSITIVE_INFINITY) return `above ${timeWords(above)}`;
  if (above <= 0) return `at most ${timeWords(atMost)}`;
  const [low, unit] = timeWords(above).split(" ");
  const high = timeWords(atMost);
  return high.endsWith(` ${unit}`)
    ? `between ${low} and ${high}`
    : `between ${low} ${unit} and ${high}`;
}

/** `p99 between 8 and 16 ms, mean 4.2 ms, 312 in 30 s`. */
export function histogramWords(rise: Rise, seconds: number | null): string {
  const range = quantileRange(rise, 0.99);
  const mean = meanOf(rise);
  return [
    ...(range === null ? [] : [`p99 ${rangeWords(range)}`]),
    ...(mean === null ? [] : [`mean ${timeWords(mean)}`]),
    `${formatCount(rise.total)} ${overWords(seconds)}`,
  ].join(", ");
}

/** `in 30 s`, `since its start`. */
export function overWords(seconds: number | null): string {
  return seconds === null ? "since its start" : `in ${short(seconds)} s`;
}
