/**
 * Reads etcd's KV requests, as far as the workloads use them, into what they ask for. A request with
 * any other field is not understood: null.
 */
import { ProtoReader } from "../proto-reader.ts";

/** RequestOp's field of each kind, which ResponseOp has too. */
export const Op = { RANGE: 1, PUT: 2, DELETE: 3 } as const;

/** A Range, Put or DeleteRange; fields that its kind lacks are as in an empty message. */
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

/** Holds where the key's version, or else its mod_revision, is `wanted`; of an absent key both are 0. */
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

/** `kind` is of `Op`. */
export function readOperation(kind: number, message: Uint8Array): Operation | null {
  return readFields(kind, new ProtoReader(message));
}

/** Field numbers of TxnRequest. */
export function readTransaction(message: Uint8Array): Transaction | null {
  const transaction: Transaction = { compares: [], success: [], failure: [] };
  const reader = new ProtoReader(message);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    reader.enter();
    if (field === 1) {
      const compared = readCompare(reader);
      if (compared === null) return null;
      transaction.compares.push(compared);
    } else if (field === 2 || field === 3) {
      const operation = readRequestOp(reader);
      if (operation === null) return null;
      (field === 2 ? transaction.success : transaction.failure).push(operation);
    } else return null;
  }
  return transaction;
}

function readRequestOp(reader: ProtoReader): Operation | null {
  const kind = reader.next();
  if (kind === 0) return null;
  reader.enter();
  const operation = readFields(kind, reader);
  // A oneof: nothing comes after it.
  return operation === null || reader.next() !== 0 ? null : operation;
}

function readFields(kind: number, reader: ProtoReader): Operation | null {
  if (kind !== Op.RANGE && kind !== Op.PUT && kind !== Op.DELETE) return null;
  const none = { key: "", end: "", limit: 0, isCountOnly: false, value: NOTHING, lease: 0 };
  const operation: Operation = { kind, ...none };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (!readField(operation, field, reader)) return null;
  }
  return operation;
}

/** `field` is of RangeRequest, PutRequest or DeleteRangeRequest. */
function readField(operation: Operation, field: number, reader: ProtoReader): boolean {
  const isPut = operation.kind === Op.PUT;
  const isRange = operation.kind === Op.RANGE;
  if (field === 1) operation.key = reader.key();
  else if (field === 2 && isPut) operation.value = reader.bytes();
  else if (field === 2) operation.end = reader.key();
  else if (field === 3 && isPut) operation.lease = reader.number();
  else if (field === 3 && isRange) operation.limit = reader.number();
  else if (field === 9 && isRange) operation.isCountOnly = reader.flag();
  // An older revision, or a serializable read: here is the newest revision alone, and one member.
  else if (isRange && (field === 4 || field === 7)) reader.skip();
  else return false;
  return true;
}

/** Field numbers of Compare; of its enums EQUAL is 0, VERSION 0 and MOD 2. */
function readCompare(reader: ProtoReader): Compared | null {
  const compared = { key: "", isVersion: true, wanted: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) {
      compared.key = reader.key();
      continue;
    }
    const value = field === 1 || field === 2 || field === 4 || field === 6 ? reader.number() : -1;
    if (field === 2 && (value === 0 || value === 2)) compared.isVersion = value === 0;
    else if (field === 4 || field === 6) compared.wanted = value;
    else if (field !== 1 || value !== 0) return null;
  }
  return compared;
}
