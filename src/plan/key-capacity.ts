/**
 * Computes how many distinct keys fit into a key of a given size, for both key encodings: `--key-size`
 * is checked with it against `--key-space-size`, and it bounds the key space of a run without a total.
 */
import { flagError } from "../errors.ts";
import { formatNoun } from "../text/noun.ts";
import type { KeySpace } from "./key-space.ts";
import { keyBytes } from "./key-text.ts";

/** Keys are counted in doubles; a wider key than this holds more than any run can use. */
const MAX_KEYS = Number.MAX_SAFE_INTEGER;

/** Bytes that the largest index of a key space takes, without the prefix. */
export function indexBytes(encoding: KeySpace["encoding"], keySpaceSize: number): number {
  // Zig-zag doubles an index that is not negative, and 7 bits of it go into each byte.
  const largest = BigInt(keySpaceSize - 1) * (encoding === "varint" ? 2n : 1n);
  const bitsPerByte = encoding === "varint" ? 7 : 8;
  const bits = largest === 0n ? 0 : largest.toString(2).length;
  const bytes = Math.ceil(bits / bitsPerByte);
  return encoding === "varint" ? Math.max(1, bytes) : bytes;
}

/** Distinct keys that `freeBytes` after the prefix can hold. 0: not even one. */
export function keyCapacity(encoding: KeySpace["encoding"], freeBytes: number): number {
  if (freeBytes < 0) return 0;
  if (encoding === "fixed") return Math.min(MAX_KEYS, 256 ** freeBytes);
  return freeBytes === 0 ? 0 : Math.min(MAX_KEYS, 2 ** (7 * freeBytes - 1));
}

/** Throws a usage error that names `--key-size`, the source of the key space, and the fix. */
export function assertKeysFit(keys: KeySpace, spaceFlag: string): void {
  const prefixBytes = keyBytes(keys.prefix).length;
  const neededBytes = prefixBytes + indexBytes(keys.encoding, keys.keySpaceSize);
  if (neededBytes <= keys.keySizeBytes) return;
  const afterPrefix =
    prefixBytes === 0 ? "" : ` after the ${formatNoun(prefixBytes, "byte")} of --prefix`;
  const encoding = keys.encoding === "varint" ? " as --key-encoding=varint" : "";
  const capacity = keyCapacity(keys.encoding, keys.keySizeBytes - prefixBytes);
  const shrink =
    capacity > 0 ? ` or at most ${formatNoun(capacity, "key")} by --key-space-size` : "";
  throw flagError(
    "key-size",
    `--key-size=${keys.keySizeBytes} is too small for ${spaceFlag}: ${keys.keySpaceSize} distinct ` +
      `keys${afterPrefix}${encoding} take ${neededBytes} bytes; give --key-size=${neededBytes} or more${shrink}`,
  );
}
