/**
 * Reads and prints durations as Go's time package does, errors included: etcd-proxy's API speaks them.
 * A duration is a number of nanoseconds.
 */

const UNIT_NS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
/** Of an int64. */
const LARGEST = 2n ** 63n - 1n;

/** A text is no duration; the message is Go's. */
export class GoDurationError extends Error {
  override name = "GoDurationError";
}

/** As time.ParseDuration. @throws GoDurationError */
export function parseGoDuration(text: string): bigint {
  const sign = /^[-+]/.exec(text)?.[0] ?? "";
  let rest = text.slice(sign.length);
  if (rest === "0") return 0n;
  const invalid = () => new GoDurationError(`time: invalid duration ${quoted(text)}`);
  if (rest === "") throw invalid();
  let total = 0n;
  while (rest !== "") {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)!;
    const [read, whole = "", fraction = ""] = number;
    if (whole === "" && fraction === "") throw invalid();
    const unitText = /^[^.\d]*/.exec(rest.slice(read.length))![0];
    if (unitText === "") {
      throw new GoDurationError(`time: missing unit in duration ${quoted(text)}`);
    }
    const unit = UNIT_NS.get(unitText);
    if (unit === undefined) {
      const named = quoted(unitText);
      throw new GoDurationError(`time: unknown unit ${named} in duration ${quoted(text)}`);
    }
    total += BigInt(whole || "0") * unit + partOf(unit, fraction);
    if (total > LARGEST) throw invalid();
    rest = rest.slice(read.length + unitText.length);
  }
  return sign === "-" ? -total : total;
}

/** Of a unit, so many nanoseconds: in floating point, as Go counts them. */
function partOf(unit: bigint, fraction: string): bigint {
  const longest = fraction.slice(0, 19);
  const digits = BigInt(longest || "0") > LARGEST ? fraction.slice(0, 18) : longest;
  return BigInt(Math.trunc(Number(digits) * (Number(unit) / 10 ** digits.length)));
}

/** As Duration.String: `5s`, `1m0.5s`, `100ms`, `1.5µs`, `0s`. */
export function formatGoDuration(durationNs: bigint): string {
  if (durationNs === 0n) return "0s";
  if (durationNs < 0n) return `-${formatGoDuration(-durationNs)}`;
  if (durationNs < 1_000n) return `${durationNs}ns`;
  if (durationNs < 1_000_000n) return `${decimal(durationNs, 3)}µs`;
  if (durationNs < 1_000_000_000n) return `${decimal(durationNs, 6)}ms`;
  const seconds = decimal(durationNs % 60_000_000_000n, 9);
  const minutes = durationNs / 60_000_000_000n;
  if (minutes === 0n) return `${seconds}s`;
  if (minutes < 60n) return `${minutes}m${seconds}s`;
  return `${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

export function nsOfMs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

export function msOfNs(durationNs: bigint): number {
  return Number(durationNs) / 1e6;
}

/** A number with its point moved by `places`, without the zeros at the end. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  const whole = digits.slice(0, -places);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** As the time package quotes: bytes outside printable ASCII in hexadecimal. */
function quoted(text: string): string {
  let inside = "";
  for (const byte of Buffer.from(text)) {
    if (byte < 0x20 || byte >= 0x80) inside += `\\x${byte.toString(16).padStart(2, "0")}`;
    else if (byte === 0x22 || byte === 0x5c) inside += `\\${String.fromCharCode(byte)}`;
    else inside += String.fromCharCode(byte);
  }
  return `"${inside}"`;
}
