/** Reads the sizes of a run's values from `--val-size`: one size, or a distribution of sizes. */
import { usageError } from "../errors.ts";
import { type PlanFlags, textOf } from "./plan-flags.ts";
import { badValue, formatSize, parseSizeBytes } from "./units.ts";
import { expectedOf, type ValueSize, type Values } from "./value-size.ts";

/** Each client holds a request of its own in memory. */
const MAX_VALUE_BYTES = 64 * 2 ** 20;
/** etcd's default for --max-request-bytes. */
const ETCD_MAX_REQUEST_BYTES = 1.5 * 2 ** 20;
/** Of a request beside its puts, and of each put beside its key and value, in etcd's own log entry. */
const REQUEST_ROOM_BYTES = 512;
const PUT_ROOM_BYTES = 32;
/** Beyond it most values would be of the least or the greatest size. */
const MAX_SIGMA = 5;
const EXAMPLE = "lognormal:4KiB,1.5";

export interface ValueRules {
  keySizeBytes: number;
  /** Puts of one request. */
  puts?: number;
  /** Of the least value, and what needs so much. */
  least?: { bytes: number; why: string };
}

/** @throws BenchError (usage) where the text is neither a size nor a distribution of some */
export function valuesOf(
  flags: PlanFlags,
  rules: ValueRules,
  note: (line: string) => void,
): Values {
  const text = textOf(flags, "val-size");
  const { puts = 1, least } = rules;
  const valueSize = distributionOf(text, rules, note);
  if (valueSize === null) {
    const valSizeBytes = sizeOf(text, text, "256");
    noteLarge(valSizeBytes, text, puts, note);
    return { valSizeBytes, valueSize };
  }
  if (least !== undefined && valueSize.minBytes < least.bytes) {
    throw usageError(
      `--val-size=${text} starts below the ${least.bytes} bytes that ${least.why}: ` +
        `give ${formatSize(least.bytes)}..${formatSize(Math.max(least.bytes + 1, valueSize.maxBytes))}`,
    );
  }
  if (valueSize.kind === "uniform") noteLarge(valueSize.maxBytes, text, puts, note);
  return { valSizeBytes: Math.round(expectedOf(valueSize, (bytes) => bytes)), valueSize };
}

/** `MIN..MAX` or `lognormal:MEDIAN,SIGMA`; null for what does not look like either. */
function distributionOf(
  text: string,
  { keySizeBytes, puts = 1, least }: ValueRules,
  note: (line: string) => void,
): ValueSize | null {
  const [name, parameters] = text.split(":", 2);
  if (parameters !== undefined) {
    const [medianText = "", sigmaText = "", ...more] = parameters.split(",");
    const sigma = /^(\d+\.?\d*|\.\d+)$/.test(sigmaText) ? Number(sigmaText) : Number.NaN;
    if (name !== "lognormal" || more.length > 0 || !(sigma > 0 && sigma <= MAX_SIGMA)) {
      throw badValue(
        "--val-size",
        text,
        `lognormal:MEDIAN,SIGMA with a sigma above 0, to ${MAX_SIGMA}`,
        EXAMPLE,
      );
    }
    const medianBytes = sizeOf(medianText, text, EXAMPLE, 1);
    const room = (ETCD_MAX_REQUEST_BYTES - REQUEST_ROOM_BYTES) / puts;
    const maxBytes = Math.floor(room) - PUT_ROOM_BYTES - keySizeBytes;
    const minBytes = least?.bytes ?? 0;
    if (medianBytes < minBytes || medianBytes > maxBytes) {
      throw usageError(
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
  const ends = text.split("..");
  if (ends.length !== 2) return null;
  const [minBytes, maxBytes] = ends.map((end) => sizeOf(end, text, "1KiB..64KiB"));
  if (minBytes! >= maxBytes!) {
    throw badValue("--val-size", text, "MIN..MAX with MIN below MAX", "1KiB..64KiB");
  }
  return { kind: "uniform", minBytes: minBytes!, maxBytes: maxBytes! };
}

/** A part of the flag's value; an error shows all of it. */
function sizeOf(part: string, text: string, example: string, min = 0): number {
  if (part !== text && !/^\d/.test(part)) {
    throw badValue("--val-size", text, "a size, MIN..MAX or lognormal:MEDIAN,SIGMA", example);
  }
  return parseSizeBytes("--val-size", part, { min, max: MAX_VALUE_BYTES, example });
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
