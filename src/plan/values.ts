/** The sizes of a run's values in a plan: one size, or a distribution of sizes, with what etcd takes. */
import { flagError } from "../errors.ts";
import type { ValSize } from "../flags/val-size.ts";
import { formatSize } from "../units.ts";
import { expectedOf, type ValueSize, type Values } from "./value-size.ts";

/** etcd's default for --max-request-bytes. */
const ETCD_MAX_REQUEST_BYTES = 1.5 * 2 ** 20;
/** Of a request without its puts, and of each put without its key and value, in etcd's own log entry. */
const REQUEST_ROOM_BYTES = 512;
const PUT_ROOM_BYTES = 32;

export interface ValueRules {
  keySizeBytes: number;
  /** Puts of one request. */
  puts?: number;
  /** Of the least value, and what needs so much. */
  least?: { bytes: number; why: string };
}

/** @throws BenchError (usage) for sizes that the rules do not allow */
export function valuesOf(size: ValSize, rules: ValueRules, note: (line: string) => void): Values {
  const { puts = 1, least } = rules;
  if (size.kind === "one") {
    noteLarge(size.bytes, size.text, puts, note);
    return { valSizeBytes: size.bytes, valueSize: null };
  }
  const valueSize = size.kind === "uniform" ? uniformOf(size) : lognormalOf(size, rules, note);
  if (least !== undefined && valueSize.minBytes < least.bytes) {
    throw flagError(
      "val-size",
      `--val-size=${size.text} starts below the ${least.bytes} bytes that ${least.why}: ` +
        `give ${formatSize(least.bytes)}..${formatSize(Math.max(least.bytes + 1, valueSize.maxBytes))}`,
    );
  }
  if (valueSize.kind === "uniform") noteLarge(valueSize.maxBytes, size.text, puts, note);
  return { valSizeBytes: Math.round(expectedOf(valueSize, (bytes) => bytes)), valueSize };
}

/** For what puts values of one size. @throws BenchError (usage) for a distribution */
export function oneValueSizeOf(size: ValSize, note: (line: string) => void): number {
  const { valSizeBytes, valueSize } = valuesOf(size, { keySizeBytes: 0 }, note);
  if (valueSize === null) return valSizeBytes;
  throw flagError(
    "val-size",
    `--val-size=${size.text} is a distribution, and here all values have one size: give one, ` +
      "e.g. --val-size=256",
  );
}

/** As `--val-size` says it. */
export function valSizeOf({ valSizeBytes, valueSize }: Values): ValSize {
  if (valueSize === null) return { text: "", kind: "one", bytes: valSizeBytes };
  return { text: "", ...valueSize };
}

function uniformOf({ minBytes, maxBytes }: ValSize & { kind: "uniform" }): ValueSize {
  return { kind: "uniform", minBytes, maxBytes };
}

function lognormalOf(
  { text, medianBytes, sigma }: ValSize & { kind: "lognormal" },
  { keySizeBytes, puts = 1, least }: ValueRules,
  note: (line: string) => void,
): ValueSize {
  const room = (ETCD_MAX_REQUEST_BYTES - REQUEST_ROOM_BYTES) / puts;
  const maxBytes = Math.floor(room) - PUT_ROOM_BYTES - keySizeBytes;
  const minBytes = least?.bytes ?? 0;
  if (medianBytes < minBytes || medianBytes > maxBytes) {
    throw flagError(
      "val-size",
      `--val-size=${text}: the median lies outside the ${minBytes} to ${Math.max(0, maxBytes)} bytes that a ` +
        `value may have ${puts === 1 ? "" : `in transactions of ${puts} puts `}within etcd's default ` +
        "limit of 1.5 MiB per request; give a size within them",
    );
  }
  const size = { kind: "lognormal", medianBytes, sigma, minBytes, maxBytes } as const;
  const cutShare = expectedOf({ ...size, maxBytes: Number.MAX_SAFE_INTEGER }, (bytes) =>
    bytes > maxBytes ? 1 : 0,
  );
  const atLeast =
    least === undefined ? "" : `, or smaller than the ${minBytes} bytes that ${least.why}`;
  note(
    `--val-size=${text}: no value is larger than ${maxBytes} bytes, so that requests stay within etcd's ` +
      `default limit of 1.5 MiB (${percent(cutShare)} of the values would be, and have that size)${atLeast}`,
  );
  return size;
}

function noteLarge(bytes: number, text: string, puts: number, note: (line: string) => void): void {
  if (bytes * puts <= ETCD_MAX_REQUEST_BYTES) return;
  const which = puts === 1 ? "" : `, in transactions of ${puts} puts,`;
  note(
    `--val-size=${text}${which} is above etcd's default limit of 1.5 MiB per request: ` +
      "it refuses the puts unless it was started with a larger --max-request-bytes",
  );
}

function percent(share: number): string {
  return share > 0 && share < 0.0001
    ? "less than 0.01%"
    : `${Number((share * 100).toPrecision(2))}%`;
}
