/** Keep-alives, each on a stream of its own, of leases that belong to one attachment each. */
import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations } from "../../load/workload.ts";
import { encodeMessage } from "../../protos.ts";
import { keepAliveFailure, keepAliveTtlSeconds } from "../parts/leases/keep-alive-answer.ts";
import type { Ended, RequestKind, RowValues } from "./request-kind.ts";

export class KeepAlives implements RequestKind {
  /** By lease. */
  readonly #templates: readonly RequestTemplate[];
  readonly #perAttachment: number;
  /** By attachment, how many were sent. */
  readonly #turns: Uint32Array;
  /** By client, the slot of its stream; -1 without one. */
  readonly #slots: Int32Array;
  readonly #rows: RowValues;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #ended: Ended;

  /** `leases`: decimal ids, as many for each attachment. */
  constructor(
    { leases, attachments }: { leases: readonly string[]; attachments: number },
    rows: RowValues,
    operations: Operations,
    transport: Transport,
    ended: Ended,
  ) {
    this.#templates = leases.map((ID) => {
      const message = encodeMessage("etcdserverpb.LeaseKeepAliveRequest", { ID });
      return transport.template("/etcdserverpb.Lease/LeaseKeepAlive", message, CallMode.STREAM);
    });
    this.#perAttachment = leases.length / attachments;
    this.#turns = new Uint32Array(attachments);
    this.#slots = new Int32Array(rows.number.length).fill(-1);
    this.#rows = rows;
    this.#operations = operations;
    this.#transport = transport;
    this.#ended = ended;
  }

  begin(client: number, slot: number, attachment: number, nowNs: number): void {
    const turn = this.#turns[attachment]!++;
    const lease = attachment * this.#perAttachment + (turn % this.#perAttachment);
    this.#rows.number[client] = lease;
    this.#slots[client] = slot;
    this.#operations.call(client, slot, this.#templates[lease]!, nowNs);
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    const slot = this.#slots[client]!;
    if (slot < 0) return;
    this.#slots[client] = -1;
    this.#transport.cancel(slot);
    const ttlSeconds = keepAliveTtlSeconds(bytes, start, end);
    this.#rows.revision[client] = ttlSeconds;
    if (ttlSeconds > 0) {
      this.#ended(client, Status.OK, "", nowNs);
      return;
    }
    const { status, message } = keepAliveFailure(bytes, start, end);
    this.#ended(client, status, message, nowNs);
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    if (this.#slots[client]! < 0) return;
    this.#slots[client] = -1;
    if (status !== Status.OK) this.#ended(client, status, message, nowNs);
    else this.#ended(client, Status.UNAVAILABLE, "the server ended the stream", nowNs);
  }

  resend(client: number, slot: number): void {
    this.#operations.resend(slot, this.#templates[this.#rows.number[client]!]!);
  }

  cancelled(client: number): void {
    this.#slots[client] = -1;
  }
}
