/**
 * Reads etcd's answer to an optimistic transaction: whether it took effect, else the object that is
 * there.
 */
import { headerRevision } from "../parts/calls/header-revision.ts";
import { findField, found, varintField } from "../parts/calls/protobuf-fields.ts";

/** Field numbers of etcd's answers. */
const SUCCEEDED = 2;
const RESPONSES = 3;
const RESPONSE_RANGE = 1;
const RANGE_KVS = 2;
const KV_MOD_REVISION = 3;
const KV_VERSION = 4;
const KV_VALUE = 5;

/** What the last `readTxnAnswer` has found. */
export const txnAnswer = {
  revision: 0,
  succeeded: false,
  /** Of the key that the `failure` branch has read; 0 where there is none. */
  modRevision: 0,
  version: 0,
  valueStart: 0,
  valueEnd: 0,
};

export function readTxnAnswer(bytes: Uint8Array, start: number, end: number): void {
  txnAnswer.revision = headerRevision(bytes, start, end);
  txnAnswer.succeeded = varintField(bytes, start, end, SUCCEEDED) === 1;
  txnAnswer.modRevision = 0;
  txnAnswer.version = 0;
  txnAnswer.valueStart = 0;
  txnAnswer.valueEnd = 0;
  if (txnAnswer.succeeded || !findField(bytes, start, end, RESPONSES)) return;
  if (!findField(bytes, found.start, found.end, RESPONSE_RANGE)) return;
  if (!findField(bytes, found.start, found.end, RANGE_KVS)) return;
  const { start: kvStart, end: kvEnd } = found;
  txnAnswer.modRevision = varintField(bytes, kvStart, kvEnd, KV_MOD_REVISION);
  txnAnswer.version = varintField(bytes, kvStart, kvEnd, KV_VERSION);
  if (!findField(bytes, kvStart, kvEnd, KV_VALUE)) return;
  txnAnswer.valueStart = found.start;
  txnAnswer.valueEnd = found.end;
}
