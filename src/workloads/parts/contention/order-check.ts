/**
 * Checks that owners get their turn in the order of their keys' creation, where the lock service does
 * not report when that was: etcd is asked which key was the oldest below the name, at the revision at
 * which the new owner got it. One check at a time in a slot of its own, next to the load: so it is a
 * sample where owners change fast.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations } from "../../../load/workload.ts";
import { encodeMessage } from "../../../protos.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../calls/padded-varint.ts";
import { findField, found } from "../calls/protobuf-fields.ts";
import { offsetOfField } from "../calls/template.ts";
import { keysBelow } from "./locker.ts";
import type { RpcLock } from "./rpc-lock.ts";

/** Of RangeResponse and mvccpb.KeyValue. */
const RANGE_KVS = 2;
const KV_KEY = 1;

interface OldestTemplate {
  template: RequestTemplate;
  revisionAt: number;
}

export class OrderCheck {
  readonly #slot: number;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #templates = new Map<string, OldestTemplate>();
  #isBusy = false;
  #ownKey: Uint8Array = new Uint8Array(0);
  #isOldest = false;

  constructor(slot: number, operations: Operations, transport: Transport) {
    this.#slot = slot;
    this.#operations = operations;
    this.#transport = transport;
  }

  /** The client has just become owner of `name`. */
  acquired(client: number, name: string, lock: RpcLock): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#isOldest = false;
    this.#ownKey = lock.ownKey(client);
    let oldest = this.#templates.get(name);
    if (oldest === undefined) {
      oldest = oldestTemplate(name, this.#transport);
      this.#templates.set(name, oldest);
    }
    writePadded(oldest.template.bytes, oldest.revisionAt, lock.ownedRevision(client));
    this.#transport.call(this.#slot, oldest.template);
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    if (!findField(bytes, start, end, RANGE_KVS)) return;
    if (!findField(bytes, found.start, found.end, KV_KEY)) return;
    this.#isOldest = Buffer.compare(bytes.subarray(found.start, found.end), this.#ownKey) === 0;
  }

  /** A check that etcd did not answer, or did not take, says nothing. */
  onCallEnd(status: number): void {
    this.#isBusy = false;
    if (status !== Status.OK) return;
    countOrder(this.#operations, this.#isOldest);
  }
}

/** One acquisition more of which it is known whether the owner's key was the oldest. */
export function countOrder(operations: Operations, isInOrder: boolean): void {
  operations.count(0, "orderChecked", 1);
  if (!isInOrder) operations.count(0, "outOfOrder", 1);
}

function oldestTemplate(name: string, transport: Transport): OldestTemplate {
  const message = encodeMessage("etcdserverpb.RangeRequest", {
    ...keysBelow(name),
    limit: 1,
    revision: PLACEHOLDER_VALUE,
    sortOrder: "ASCEND",
    sortTarget: "CREATE",
    keysOnly: true,
  });
  const template = transport.template("/etcdserverpb.KV/Range", message, CallMode.UNARY_ANSWER);
  return { template, revisionAt: template.messageOffset + offsetOfField(message, PLACEHOLDER) };
}
