/**
 * Sends ranges that are read in pages, as an API server lists: each operation is a chain of calls in
 * the client's own slot, the first at the newest revision and all that follow at that same one, each
 * from after the last key of the page before.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations, Workload } from "../../load/workload.ts";
import { encodeMessage } from "../../protos.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../parts/calls/padded-varint.ts";
import { NO_RANGE_RESPONSE, RangeAnswers } from "../parts/calls/range-answers.ts";
import { offsetOfField } from "../parts/calls/template.ts";
import { type RangeRequest, rangeFields } from "./range.ts";
import { RANGE_NUMBERS } from "./series.ts";

const PATH = "/etcdserverpb.KV/Range";
const { page: PAGE } = RANGE_NUMBERS;

/** Requests of the pages after the first, whose key has one length. */
interface NextTemplate {
  template: RequestTemplate;
  keyOffset: number;
  revisionOffset: number;
}

export class RangePages implements Workload {
  readonly #request: RangeRequest;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #first: RequestTemplate;
  /** By the length of the key; there are no more of them than lengths of keys in the range. */
  readonly #next = new Map<number, NextTemplate>();
  readonly #answers: RangeAnswers;
  /** Of the scan under way, by client: its revision, 0 on its first page, and where its page starts. */
  readonly #revision: Float64Array;
  readonly #from: Buffer[];
  readonly #pageSentNs: Float64Array;
  readonly #keys: Float64Array;
  readonly #bytes: Float64Array;

  /** `request.limit` is the keys of a page. */
  constructor(
    request: RangeRequest,
    clients: number,
    operations: Operations,
    transport: Transport,
  ) {
    this.#request = request;
    this.#operations = operations;
    this.#transport = transport;
    const message = encodeMessage("etcdserverpb.RangeRequest", rangeFields(request));
    this.#first = transport.template(PATH, message, CallMode.UNARY_PARTS);
    this.#answers = new RangeAnswers(clients, { hasDetails: true });
    this.#revision = new Float64Array(clients);
    this.#from = Array.from({ length: clients }, () => Buffer.alloc(0));
    this.#pageSentNs = new Float64Array(clients);
    this.#keys = new Float64Array(clients);
    this.#bytes = new Float64Array(clients);
  }

  begin(client: number, nowNs: number): void {
    this.#revision[client] = 0;
    this.#keys[client] = 0;
    this.#bytes[client] = 0;
    this.#callPage(client, nowNs);
  }

  onCallSent(client: number, nowNs: number): void {
    this.#pageSentNs[client] = nowNs;
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number): void {
    this.#answers.read(slot, bytes, start, end);
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    if (status !== Status.OK) {
      this.#fail(client, status, message, nowNs);
      return;
    }
    const answers = this.#answers;
    const lastKey = answers.lastKey(client);
    const hasMore = answers.hasMore[client] === 1;
    const isWhole = answers.isWhole(client);
    if (!isWhole || (hasMore && lastKey.length === 0)) {
      const fault = isWhole ? "a page that says neither its end nor its next" : NO_RANGE_RESPONSE;
      this.#fail(client, Status.INTERNAL, fault, nowNs);
      return;
    }
    const keys = answers.keys[client]!;
    const bytes = answers.bytes[client]!;
    this.#keys[client]! += keys;
    this.#bytes[client]! += bytes;
    this.#operations.sample(PAGE, nowNs - this.#pageSentNs[client]!, this.#lateNs(client));
    this.#operations.received(PAGE, keys, bytes);
    if (!hasMore) {
      this.#operations.received(0, this.#keys[client]!, this.#bytes[client]!);
      this.#operations.end(client, Status.OK, "", nowNs);
      return;
    }
    if (this.#revision[client] === 0) this.#revision[client] = answers.revision[client]!;
    this.#keepFrom(client, lastKey);
    this.#callPage(client, nowNs);
  }

  onCallUnprocessed(client: number): void {
    this.#answers.begin(client);
    this.#operations.resend(client, this.#page(client));
  }

  requestOf(client: number): RequestTemplate {
    return this.#page(client);
  }

  cancel(client: number, nowNs: number, status: number, message: string): void {
    this.#transport.cancel(client);
    this.#failPage(client, status, message, nowNs);
  }

  onDropped(waitedNs: number): void {
    this.#operations.dropped(PAGE, waitedNs);
  }

  restart(): void {
    // Every scan is the same.
  }

  #callPage(client: number, nowNs: number): void {
    this.#pageSentNs[client] = nowNs;
    this.#answers.begin(client);
    this.#operations.call(client, client, this.#page(client), nowNs);
  }

  #fail(client: number, status: number, message: string, nowNs: number): void {
    this.#failPage(client, status, message, nowNs);
    this.#operations.end(client, status, message, nowNs);
  }

  #failPage(client: number, status: number, message: string, nowNs: number): void {
    const tookNs = nowNs - this.#pageSentNs[client]!;
    this.#operations.fail(PAGE, tookNs, status, message, this.#lateNs(client));
  }

  /** The first page is due with its operation, each other one when the page before has come. */
  #lateNs(client: number): number {
    if (this.#revision[client] !== 0) return 0;
    return this.#pageSentNs[client]! - this.#operations.dueNs(client);
  }

  /** The first key after `lastKey`: the same with a zero octet appended. */
  #keepFrom(client: number, lastKey: Buffer): void {
    const lengthBytes = lastKey.length + 1;
    let from = this.#from[client]!;
    if (from.length !== lengthBytes) {
      from = Buffer.alloc(lengthBytes);
      this.#from[client] = from;
    }
    from.set(lastKey);
  }

  /** The request of the client's current page. */
  #page(client: number): RequestTemplate {
    const revision = this.#revision[client]!;
    if (revision === 0) return this.#first;
    const from = this.#from[client]!;
    const { template, keyOffset, revisionOffset } = this.#nextOf(from.length);
    template.bytes.set(from, template.messageOffset + keyOffset);
    writePadded(template.bytes, template.messageOffset + revisionOffset, revision);
    return template;
  }

  #nextOf(keyBytes: number): NextTemplate {
    const known = this.#next.get(keyBytes);
    if (known !== undefined) return known;
    const key = Buffer.alloc(keyBytes, 0xff);
    const fields = { ...rangeFields({ ...this.#request, key }), revision: PLACEHOLDER_VALUE };
    const message = encodeMessage("etcdserverpb.RangeRequest", fields);
    const next = {
      template: this.#transport.template(PATH, message, CallMode.UNARY_PARTS),
      keyOffset: offsetOfField(message, key),
      // After key and end, whose octets may look like it, and before nothing that could.
      revisionOffset: message.lastIndexOf(PLACEHOLDER),
    };
    this.#next.set(keyBytes, next);
    return next;
  }
}
