/** Owns which keys a range reads, in the bytes of a request: one key, from key to end, or a prefix. */
import type { RangeWorkload } from "./schema.ts";

export interface KeyRange {
  key: Buffer;
  /** Exclusive; null: the one key. */
  end: Buffer | null;
}

/** etcd reads this key as the first one there is, and this end as the end of all keys. */
const NUL = Buffer.from([0]);

export function keyRangeOf(workload: {
  key: string;
  end: RangeWorkload["end"];
  prefix: boolean;
}): KeyRange {
  const key = Buffer.from(workload.key, "utf8");
  if (workload.prefix) return key.length === 0 ? { key: NUL, end: NUL } : { key, end: endOf(key) };
  return { key, end: workload.end === null ? null : Buffer.from(workload.end, "utf8") };
}

/** The first key behind all that start with `prefix`; no byte of UTF-8 is 0xff, so all can grow. */
function endOf(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1]! += 1;
  return end;
}
