/**
 * Owns the reading of etcd's KV requests, as far as the workloads use them, into what they ask for.
 * Whatever else a request may hold makes it one that is not understood, which is null.
 */
import { found, nextField, varintAt } from "../load/workload/protobuf-fields.ts";

/** RequestOp's field of each kind, which ResponseOp has too. */
export const Op = { RANGE: 1, PUT: 2, DELETE: 3 } as const;

/** A Range, Put or DeleteRange; what its kind does not have is as in an empty message. */
export interface Operation {
  kind: number;
  key: string;
  /** Empty: the one key. */
  end: string;
  /** 0: none. */
  limit: number;
  isCountOnly: boolean;
  value: Uint8Array;
  lease: number;
}

/** Holds where the key's version, else its modification's revision, is `wanted`; 0 is of no key. */
export interface Compared {
  key: string;
  isVersion: boolean;
  wanted: number;
}

export interface Transaction {
  compares: Compared[];
  success: Operation[];
  failure: Operation[];
}

const NOTHING = new Uint8Array(0);

/** Keys are strings of one character for each octet, which sort as the octets do. */
export function keyString(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

/** Field numbers of TxnRequest. */
export function readTransaction(bytes: Uint8Array): Transaction | null {
  const transaction: Transaction = { compares: [], success: [], failure: [] };
  const { compares, success, failure } = transaction;
  for (let at = 0; nextField(bytes, at, bytes.length); ) {
    const { number, start, end } = found;
    const compared = number === 1 ? readCompare(bytes, start, end) : null;
    const operation = number === 2 || number === 3 ? readRequestOp(bytes, start, end) : null;
    if (compared !== null) compares.push(compared);
    else if (operation !== null) (number === 2 ? success : failure).push(operation);
    else return null;
    at = end;
  }
  return transaction;
}

function readRequestOp(bytes: Uint8Array, start: number, end: number): Operation | null {
  return nextField(bytes, start, end)
    ? readOperation(found.number, bytes, found.start, found.end)
    : null;
}

/** `kind` is of `Op`, or what stands in its place. */
export function readOperation(
  kind: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Operation | null {
  if (kind !== Op.RANGE && kind !== Op.PUT && kind !== Op.DELETE) return null;
  const none = { key: "", end: "", limit: 0, isCountOnly: false, value: NOTHING, lease: 0 };
  const operation: Operation = { kind, ...none };
  for (let at = start; nextField(bytes, at, end); at = found.end) {
    if (!readOperationField(operation, bytes)) return null;
  }
  return operation;
}

/** The field at hand, by its number in RangeRequest, PutRequest or DeleteRangeRequest. */
function readOperationField(operation: Operation, bytes: Uint8Array): boolean {
  const { number, start, end } = found;
  const isPut = operation.kind === Op.PUT;
  const isRange = operation.kind === Op.RANGE;
  if (number === 1) operation.key = keyString(bytes, start, end);
  else if (number === 2 && isPut) operation.value = bytes.subarray(start, end);
  else if (number === 2) operation.end = keyString(bytes, start, end);
  else if (number === 3 && isPut) operation.lease = varintAt(bytes, start, end);
  else if (number === 3 && isRange) operation.limit = varintAt(bytes, start, end);
  else if (number === 9 && isRange) operation.isCountOnly = varintAt(bytes, start, end) !== 0;
  // An older revision, or one member's own: here there is the newest, and one member.
  else return isRange && (number === 4 || number === 7);
  return true;
}

/** Field numbers of Compare; of its enums EQUAL is 0, VERSION 0 and MOD 2. */
function readCompare(bytes: Uint8Array, start: number, end: number): Compared | null {
  const compared = { key: "", isVersion: true, wanted: 0 };
  for (let at = start; nextField(bytes, at, end); at = found.end) {
    const { number } = found;
    const value = number === 3 ? 0 : varintAt(bytes, found.start, found.end);
    if (number === 3) compared.key = keyString(bytes, found.start, found.end);
    else if (number === 2 && (value === 0 || value === 2)) compared.isVersion = value === 0;
    else if (number === 4 || number === 6) compared.wanted = value;
    else if (number !== 1 || value !== 0) return null;
  }
  return compared;
}
