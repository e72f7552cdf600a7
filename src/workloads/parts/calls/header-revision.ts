/** Reads the revision in the header of any of etcd's answers. */
import { findField, found, varintField } from "./protobuf-fields.ts";

/** Field numbers of every response of etcd, and of its ResponseHeader. */
const HEADER = 1;
const HEADER_REVISION = 3;

/** 0 where the answer in `bytes[start, end)` has none. */
export function headerRevision(bytes: Uint8Array, start: number, end: number): number {
  if (!findField(bytes, start, end, HEADER)) return 0;
  return varintField(bytes, found.start, found.end, HEADER_REVISION);
}
