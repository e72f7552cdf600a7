/**
 * Makes the transactions by which the API server writes objects of one resource: each serialised once
 * for every size of a value, then patched with key, revision, header and lease.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { encodeMessage } from "../../protos.ts";
import {
  copyPadded,
  PADDED_BYTES,
  PLACEHOLDER_VALUE,
  varintBytes,
  writePadded,
} from "../parts/calls/padded-varint.ts";
import { runValue } from "../parts/keys/put-message.ts";
import type { RegistryKeys } from "./registry-keys.ts";
import { writeValueHeader } from "./value-header.ts";

/** What is written, and under which condition; the caller fills it for each request. */
export interface ObjectWrite {
  /** Of the object: its key's digits. */
  number: number;
  sizeClass: number;
  /** The revision that the object must have been modified at last; 0: it must not exist. */
  modRevision: number;
  /** In the value's header, after the worker's token. */
  writeNumber: number;
  reference: number;
}

/** Offsets into the template's bytes; -1: it has none. */
interface Transaction {
  template: RequestTemplate;
  keys: number[];
  revision: number;
  value: number;
  lease: number;
}

export class ObjectRequests {
  readonly #keys: RegistryKeys;
  readonly #token: number;
  readonly #creates: Transaction[];
  readonly #updates: Transaction[];
  readonly #delete: Transaction;

  constructor(
    keys: RegistryKeys,
    sizesBytes: readonly number[],
    options: { seed: number; token: number; hasLease: boolean },
    transport: Transport,
  ) {
    this.#keys = keys;
    this.#token = options.token;
    const key = keys.blank;
    const longestBytes = Math.max(...sizesBytes);
    const longest = runValue({ valSizeBytes: longestBytes, valueSize: null }, options.seed);
    const values = sizesBytes.map((sizeBytes) => longest.subarray(0, sizeBytes));
    const again = [{ requestRange: { key } }];
    const make = (value: Uint8Array | null, success: object, failure: object[], isNew: boolean) => {
      const modRevision = isNew ? "0" : PLACEHOLDER_VALUE;
      const compare = [{ target: "MOD", result: "EQUAL", key, modRevision }];
      const message = encodeMessage("etcdserverpb.TxnRequest", {
        compare,
        success: [success],
        failure,
      });
      return this.#transaction(message, value, isNew, options.hasLease, transport);
    };
    const lease = options.hasLease ? { lease: PLACEHOLDER_VALUE } : {};
    this.#creates = values.map((value) =>
      make(value, { requestPut: { key, value, ...lease } }, [], true),
    );
    // Events are never written again.
    this.#updates = options.hasLease
      ? []
      : values.map((value) => make(value, { requestPut: { key, value } }, again, false));
    this.#delete = make(null, { requestDeleteRange: { key } }, again, false);
  }

  /** Valid until the next one is asked for. */
  create(write: ObjectWrite): RequestTemplate {
    return this.#fill(this.#creates[write.sizeClass]!, write);
  }

  /** The same with the lease whose padded id is at `leaseAt` of `leases`. */
  createWithLease(write: ObjectWrite, leases: Uint8Array, leaseAt: number): RequestTemplate {
    const transaction = this.#creates[write.sizeClass]!;
    const { template, lease } = transaction;
    copyPadded(leases, leaseAt, leaseAt + PADDED_BYTES, template.bytes, lease);
    return this.#fill(transaction, write);
  }

  update(write: ObjectWrite): RequestTemplate {
    return this.#fill(this.#updates[write.sizeClass]!, write);
  }

  delete(write: ObjectWrite): RequestTemplate {
    return this.#fill(this.#delete, write);
  }

  #fill(transaction: Transaction, write: ObjectWrite): RequestTemplate {
    const { template, keys, revision, value } = transaction;
    const { bytes } = template;
    for (const key of keys) this.#keys.write(write.number, bytes, key);
    if (revision >= 0) writePadded(bytes, revision, write.modRevision);
    if (value >= 0) writeValueHeader(this.#token, write.writeNumber, write.reference, bytes, value);
    return template;
  }

  #transaction(
    message: Buffer,
    value: Uint8Array | null,
    isNew: boolean,
    hasLease: boolean,
    transport: Transport,
  ): Transaction {
    const template = transport.template("/etcdserverpb.KV/Txn", message, CallMode.UNARY_ANSWER);
    const { blank } = this.#keys;
    const keys: number[] = [];
    for (let at = message.indexOf(blank); at >= 0; at = message.indexOf(blank, at + 1)) {
      keys.push(template.messageOffset + at);
    }
    const afterKey = (key: number) => key + blank.length;
    // Fields are in the order of their numbers, with a tag of one octet before each: the compare's
    // revision after its key, the put's value after its own, and the lease at the put's end.
    const valueGap = value === null ? 0 : 1 + varintBytes(value.length);
    const valueAt = value === null ? -1 : afterKey(keys[1]!) + valueGap;
    return {
      template,
      keys,
      revision: isNew ? -1 : afterKey(keys[0]!) + 1,
      value: valueAt,
      lease: value === null || !hasLease ? -1 : valueAt + value.length + 1,
    };
  }
}
