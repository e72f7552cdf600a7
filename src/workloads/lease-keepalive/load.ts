/**
 * Sends the lease-keepalive workload: each client renews the one lease that it was given before the
 * clock started. Its stream stays open from one keep-alive to the next, in the client's own slot; with
 * `newStream` each keep-alive opens one and cancels it, as upstream.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { Operations, Workload } from "../../load/workload.ts";
import { encodeMessage } from "../../protos.ts";
import { keepAliveFailure, keepAliveTtlSeconds } from "../parts/leases/keep-alive-answer.ts";

export interface KeepaliveRequests {
  /** Decimal ids, by the client's number in the whole run. */
  leases: readonly string[];
  newStream: boolean;
}

export class LeaseKeepalive implements Workload {
  readonly #newStream: boolean;
  readonly #operations: Operations;
  readonly #transport: Transport;
  /** By client: its lease never changes, so neither does its request. */
  readonly #templates: RequestTemplate[];
  readonly #isOpen: Uint8Array;
  readonly #isWaiting: Uint8Array;
  readonly #sentNs: Float64Array;

  constructor(
    { leases, newStream }: KeepaliveRequests,
    clientNumbers: readonly number[],
    operations: Operations,
    transport: Transport,
  ) {
    this.#newStream = newStream;
    this.#operations = operations;
    this.#transport = transport;
    this.#templates = clientNumbers.map((number) => {
      const message = encodeMessage("etcdserverpb.LeaseKeepAliveRequest", { ID: leases[number]! });
      return transport.template("/etcdserverpb.Lease/LeaseKeepAlive", message, CallMode.STREAM);
    });
    this.#isOpen = new Uint8Array(clientNumbers.length);
    this.#isWaiting = new Uint8Array(clientNumbers.length);
    this.#sentNs = new Float64Array(clientNumbers.length);
  }

  begin(client: number, nowNs: number): void {
    this.#isWaiting[client] = 1;
    this.#sentNs[client] = nowNs;
    if (this.#isOpen[client] === 1) {
      this.#transport.send(client, this.#templates[client]!);
      return;
    }
    this.#isOpen[client] = 1;
    this.#operations.call(client, client, this.#templates[client]!, nowNs);
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (this.#isOpen[client] === 0) return;
    if (this.#isWaiting[client] === 0) {
      // A stream with a surplus answer could pass the next one off as that of a later keep-alive.
      this.#close(client);
      return;
    }
    this.#isWaiting[client] = 0;
    // It was read before this keep-alive was sent: the wire gives messages the time of their read.
    if (nowNs <= this.#sentNs[client]!) {
      this.#close(client);
      this.#operations.end(
        client,
        Status.INTERNAL,
        "the server answered a keep-alive twice",
        nowNs,
      );
      return;
    }
    if (this.#newStream) this.#close(client);
    if (keepAliveTtlSeconds(bytes, start, end) > 0) {
      this.#operations.end(client, Status.OK, "", nowNs);
      return;
    }
    const { status, message } = keepAliveFailure(bytes, start, end);
    this.#operations.end(client, status, message, nowNs);
  }

  /** The stream has ended; the client's next keep-alive opens another. */
  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    this.#isOpen[client] = 0;
    if (this.#isWaiting[client] === 0) return;
    this.#isWaiting[client] = 0;
    if (status === Status.OK) {
      const reason = "the server ended the stream without an answer";
      this.#operations.end(client, Status.UNAVAILABLE, reason, nowNs);
    } else {
      this.#operations.end(client, status, message, nowNs);
    }
  }

  onCallUnprocessed(client: number): void {
    if (this.#isWaiting[client] === 1) {
      this.#operations.resend(client, this.#templates[client]!);
    } else {
      this.#isOpen[client] = 0;
    }
  }

  cancel(client: number): void {
    this.#isWaiting[client] = 0;
    this.#close(client);
  }

  restart(): void {
    // Every keep-alive of a client is the same, and its stream goes on.
  }

  #close(client: number): void {
    this.#transport.cancel(client);
    this.#isOpen[client] = 0;
  }
}

export interface LeaseKeepaliveSpec extends OperationSpec {
  kind: "lease-keepalive";
  keepalive: KeepaliveRequests;
}

export const leaseKeepaliveLoad: Load<LeaseKeepaliveSpec> = {
  kind: "lease-keepalive",
  make: ({ keepalive }, { share, operations, transport }) =>
    new LeaseKeepalive(keepalive, share.clientNumbers, operations, transport),
  holdsClientStreams: ({ keepalive }) => !keepalive.newStream,
};
