/**
 * The units that a user writes: durations, byte sizes, counts and rates, each parsed from the text of
 * one flag and printed back. A parser either returns a number in the unit of its name or throws a
 * usage error in one line: the flag, what was given, what is expected, an example.
 */
import { sourceError } from "./errors.ts";
import { withoutSecrets } from "./text/secrets.ts";

/** Node's timers end at 2^31 ms, which is 596 hours. */
export const MAX_DURATION_MS = 500 * 3_600_000;

/** What a number must lie within, both ends included, and how an error shows a good one. */
export interface Bounds {
  min?: number;
  max?: number;
  /** A value that is right for this flag, without the flag: `10000`. */
  example: string;
}

const DURATION_UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Of counts and sizes alike: `1k` is 1,000 requests as it is 1,000 bytes. */
const SUFFIX: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ...suffixes(["k", "K", "kB", "KB"], 1e3),
  ...suffixes(["M", "MB"], 1e6),
  ...suffixes(["G", "GB"], 1e9),
  ...suffixes(["Ki", "KiB"], 2 ** 10),
  ...suffixes(["Mi", "MiB"], 2 ** 20),
  ...suffixes(["Gi", "GiB"], 2 ** 30),
]);

function suffixes(names: readonly string[], factor: number): [string, number][] {
  return names.map((name) => [name, factor]);
}

const RATE_PERIOD_SECONDS: ReadonlyMap<string, number> = new Map([
  ["s", 1],
  ["m", 60],
  ["h", 3600],
]);

/** The one shape of every message about a value: `flag` is the name as written, e.g. `--total`. */
export function badValue(flag: string, given: string, expected: string, example: string): Error {
  // Half a secret would not be known as one.
  const whole = withoutSecrets(given);
  const shown = whole.length > 60 ? `${whole.slice(0, 57)}...` : whole;
  const pair = flag.startsWith("--") ? `${flag}=${example}` : example;
  return sourceError(flag, `${flag}: ${JSON.stringify(shown)} is not ${expected}, e.g. ${pair}`);
}

/** `500us`, `20ms`, `1.5s`, `1m30s` to milliseconds. A number without a unit is refused. */
export function parseDurationMs(flag: string, text: string, bounds: Bounds): number {
  const ms = readDurationMs(text);
  if (ms === null) {
    throw badValue(flag, text, "a duration (a number with ns, us, ms, s, m or h)", bounds.example);
  }
  return within(flag, text, ms, bounds, "a duration", formatDuration);
}

/** The value of a duration in milliseconds, or null where the text is none; zero is one. */
export function readDurationMs(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return null;
  let ms = 0;
  for (const part of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g)) {
    ms += scaled(part[1]!, DURATION_UNIT_MS.get(part[2]!)!);
  }
  return ms;
}

/** The shortest text that `parseDurationMs` reads back as the same number: `90000` is `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms >= 60_000 && Number.isInteger(ms / 1000)) {
    const totalSeconds = ms / 1000;
    const hours = Math.floor(totalSeconds / 3600);
    const minutes = Math.floor((totalSeconds % 3600) / 60);
    const seconds = totalSeconds % 60;
    const named: [number, string][] = [
      [hours, "h"],
      [minutes, "m"],
      [seconds, "s"],
    ];
    return named.map(([value, unit]) => (value === 0 ? "" : `${value}${unit}`)).join("");
  }
  for (const unit of ["s", "ms", "us", "ns"]) {
    const value = ms / DURATION_UNIT_MS.get(unit)!;
    if (value < 1 && unit !== "ns") continue;
    const text = `${plain(value)}${unit}`;
    if (readDurationMs(text) === ms) return text;
  }
  return `${plain(ms)}ms`;
}

/** `256`, `1k`, `4KiB`, `1MB` to bytes, always whole. */
export function parseSizeBytes(flag: string, text: string, bounds: Bounds): number {
  const bytes = readSizeBytes(text);
  if (bytes === null) {
    const expected = "a size (whole bytes, or a number with k, M, G, KiB, MiB or GiB)";
    throw badValue(flag, text, expected, bounds.example);
  }
  return within(flag, text, bytes, bounds, "a size", formatSize);
}

/** The same; null where it is none. */
export function readSizeBytes(text: string): number | null {
  const bytes = readCount(text.replace(/(?<=\d)B$/, ""));
  return bytes === null || !Number.isInteger(bytes) ? null : bytes;
}

/** The largest binary unit that divides the size, or plain bytes: `4096` is `4KiB`. */
export function formatSize(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB"]) {
    const size = SUFFIX.get(unit)!;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** `10000`, `10k`, `1.5M`, `64Ki` to a whole number. */
export function parseCount(flag: string, text: string, bounds: Bounds): number {
  const count = readCount(text);
  if (count === null || !Number.isInteger(count)) {
    throw badValue(
      flag,
      text,
      "a whole number (or one with k, M, G, Ki, Mi or Gi)",
      bounds.example,
    );
  }
  return within(flag, text, count, bounds, "a whole number", formatCount);
}

/** The value of a plain number with an optional suffix; null where the text is none. */
export function readCount(text: string): number | null {
  const [, digits, suffix] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = suffix === undefined ? undefined : SUFFIX.get(suffix);
  return factor === undefined ? null : scaled(digits!, factor);
}

/** `10000` is `10k`; a number that no unit divides stays plain. */
export function formatCount(count: number): string {
  for (const unit of ["G", "M", "k"]) {
    const size = SUFFIX.get(unit)!;
    if (count >= size && count % size === 0) return `${count / size}${unit}`;
  }
  return String(count);
}

/** `5000`, `10k`, `5000/s`, `300/m` to requests per second. Zero is returned as zero. */
export function parseRatePerSec(flag: string, text: string, bounds: Bounds): number {
  const slash = text.indexOf("/");
  const count = readCount(slash < 0 ? text : text.slice(0, slash));
  const seconds = RATE_PERIOD_SECONDS.get(slash < 0 ? "s" : text.slice(slash + 1));
  if (count === null || seconds === undefined) {
    throw badValue(
      flag,
      text,
      "a rate (requests per second, or with /s, /m or /h)",
      bounds.example,
    );
  }
  return within(flag, text, count / seconds, bounds, "a rate", formatRate);
}

/** Requests per second, per minute or per hour, whichever the parser reads back unchanged. */
export function formatRate(ratePerSec: number): string {
  for (const [suffix, seconds] of [
    ["", 1],
    ["/m", 60],
    ["/h", 3600],
  ] as const) {
    const count = Math.round(ratePerSec * seconds);
    if (count / seconds === ratePerSec) return `${formatCount(count)}${suffix}`;
  }
  return plain(ratePerSec);
}

/** `1%` or `0.01` to a fraction; null where the text is neither or lies outside 0 to 1. */
export function readFraction(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null) return null;
  const fraction = match[2] === "%" ? Number(match[1]) / 100 : Number(match[1]);
  return fraction <= 1 ? fraction : null;
}

/** `5%` for 0.05: what `readFraction` reads back. */
export function formatShare(fraction: number): string {
  return `${plain(Number((fraction * 100).toPrecision(12)))}%`;
}

function within(
  flag: string,
  text: string,
  value: number,
  { min = 0, max = Number.MAX_SAFE_INTEGER, example }: Bounds,
  kind: string,
  format: (value: number) => string,
): number {
  if (value < min || value > max) {
    // A bound such as 2^53 - 1 tells a user nothing when a lower bound alone was missed.
    const range = value < min ? `of at least ${format(min)}` : `of at most ${format(max)}`;
    throw badValue(flag, text, `${kind} ${range}`, example);
  }
  return value;
}

/** Decimal fractions multiplied exactly: 0.07 * 100 is 7, which binary floating point misses. */
function scaled(digits: string, unit: number): number {
  const exact = Number(digits) * unit;
  const rounded = Math.round(exact);
  if (unit >= 1 && Math.abs(exact - rounded) <= 4 * Number.EPSILON * rounded) return rounded;
  return exact;
}

/** A number without an exponent, so that the parsers read it back. */
function plain(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "").replace(/\.$/, "") : text;
}

/** With or without a unit, as Go's durations. */
export function isZeroDuration(text: string): boolean {
  return /^0+(ns|us|ms|s|m|h)?$/.test(text);
}
