/**
 * Computes which keys a range reads, in the bytes of a request: one key, from key to end, or a prefix.
 */
import { keyBytes } from "./key-text.ts";

export interface KeyRange {
  key: Buffer;
  /** Exclusive; null: the one key. */
  end: Buffer | null;
}

/** etcd reads this key as the first one there is, and this end as the end of all keys. */
const NUL = Buffer.from([0]);

export function keyRangeOf(workload: {
  key: string;
  end: string | null;
  prefix: boolean;
}): KeyRange {
  const key = keyBytes(workload.key);
  if (workload.prefix)
    return key.length === 0 ? { key: NUL, end: NUL } : { key, end: prefixEnd(key) };
  return { key, end: workload.end === null ? null : keyBytes(workload.end) };
}

/** The first key after all that start with `prefix`; where no octet can grow, that is the end of all. */
export function prefixEnd(prefix: Buffer): Buffer {
  const at = prefix.findLastIndex((octet) => octet < 0xff);
  if (at < 0) return NUL;
  const end = Buffer.from(prefix.subarray(0, at + 1));
  end[at]! += 1;
  return end;
}
