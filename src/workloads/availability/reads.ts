/** Ranges of the key that was put and acknowledged last, which a linearizable one must find. */
import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations } from "../../load/workload.ts";
import { encodeMessage } from "../../protos.ts";
import { headerRevision } from "../parts/calls/header-revision.ts";
import { varintField } from "../parts/calls/protobuf-fields.ts";
import { offsetOfField } from "../parts/calls/template.ts";
import {
  type Acknowledged,
  type Ended,
  keyOf,
  type RequestKind,
  type RowValues,
  writeNumber,
} from "./request-kind.ts";

/** Of RangeResponse: how many keys there are. */
const COUNT = 4;

export class Reads implements RequestKind {
  readonly #template: RequestTemplate;
  readonly #numberOffset: number;
  readonly #isSerializable: boolean;
  /** By client, the put that its read is of; 0: nothing was acknowledged yet. */
  readonly #puts: Float64Array;
  readonly #rows: RowValues;
  readonly #acknowledged: Acknowledged;
  readonly #operations: Operations;
  readonly #ended: Ended;

  constructor(
    { prefix, isSerializable }: { prefix: Uint8Array; isSerializable: boolean },
    rows: RowValues,
    acknowledged: Acknowledged,
    operations: Operations,
    transport: Transport,
    ended: Ended,
  ) {
    this.#isSerializable = isSerializable;
    this.#rows = rows;
    this.#acknowledged = acknowledged;
    this.#operations = operations;
    this.#ended = ended;
    this.#puts = new Float64Array(rows.number.length);
    const key = keyOf(prefix, 0);
    const serializable = isSerializable ? { serializable: true } : {};
    const message = encodeMessage("etcdserverpb.RangeRequest", { key, ...serializable });
    const path = "/etcdserverpb.KV/Range";
    this.#template = transport.template(path, message, CallMode.UNARY_ANSWER);
    this.#numberOffset = this.#template.messageOffset + offsetOfField(message, key) + prefix.length;
  }

  begin(client: number, slot: number, _attachment: number, nowNs: number): void {
    const { put, revision } = this.#acknowledged;
    this.#puts[client] = put;
    this.#rows.known[client] = revision;
    this.#operations.call(client, slot, this.requestOf(client), nowNs);
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number): void {
    const isFound = varintField(bytes, start, end, COUNT) > 0;
    this.#rows.number[client] = isFound || this.#puts[client] === 0 ? 1 : 0;
    this.#rows.revision[client] = headerRevision(bytes, start, end);
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    const revision = this.#rows.revision[client]!;
    const acknowledged = this.#acknowledged;
    if (status === Status.OK && !this.#isSerializable && revision > acknowledged.revision) {
      acknowledged.revision = revision;
    }
    this.#ended(client, status, message, nowNs);
  }

  resend(client: number, slot: number): void {
    this.#operations.resend(slot, this.requestOf(client));
  }

  cancelled(): void {
    // Nothing is kept of it.
  }

  requestOf(client: number): RequestTemplate {
    writeNumber(this.#template.bytes, this.#numberOffset, this.#puts[client]!);
    return this.#template;
  }
}
