/**
 * Finds the key in a serialised request of etcd's KV service: of a range its first key, of a transaction
 * that of its first operation.
 */
import type { RequestTemplate } from "#wire";
import { findField, found, nextField } from "./protobuf-fields.ts";

/** Field numbers: PutRequest, RangeRequest and DeleteRangeRequest have their key first. */
const KEY = 1;
const TXN_SUCCESS = 2;

/** Of the requests that have the key as a field of their own. */
const KEYED = new Set([
  "/etcdserverpb.KV/Put",
  "/etcdserverpb.KV/Range",
  "/etcdserverpb.KV/RangeStream",
  "/etcdserverpb.KV/DeleteRange",
]);
const TXN = "/etcdserverpb.KV/Txn";

/** Writes the key to `out`; returns its octets, or 0 where there is none or `out` has no room for it. */
export function writeRequestKey(template: RequestTemplate, out: Uint8Array): number {
  const { path, bytes, messageOffset } = template;
  if (!KEYED.has(path) && path !== TXN) return 0;
  let start = messageOffset;
  let end = bytes.length;
  if (path === TXN) {
    if (!findField(bytes, start, end, TXN_SUCCESS)) return 0;
    // A RequestOp has one field, whichever request it is.
    if (!nextField(bytes, found.start, found.end)) return 0;
    start = found.start;
    end = found.end;
  }
  if (!findField(bytes, start, end, KEY)) return 0;
  const keyBytes = found.end - found.start;
  if (keyBytes > out.length) return 0;
  out.set(bytes.subarray(found.start, found.end));
  return keyBytes;
}
