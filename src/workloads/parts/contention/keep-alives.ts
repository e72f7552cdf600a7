/**
 * Keeps the leases of clients alive while they do something else: a stream for each connection, on
 * which each lease is renewed three times within its time to live, as etcd's own sessions do. The
 * answers of a stream come in the order of its requests.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { nowNs as clockNs } from "../../../clock.ts";
import { encodeMessage } from "../../../protos.ts";
import { keepAliveTtlSeconds } from "../leases/keep-alive-answer.ts";

const RENEWALS_IN_TTL = 3;

export interface KeptLeases {
  ttlSeconds: number;
  /** Decimal ids, by client. */
  leases: readonly string[];
  /** By client: the connection that its lease is renewed over. */
  clientConnections: readonly number[];
  /** How many connections have a slot, from `firstSlot` on. */
  connections: number;
  firstSlot: number;
}

export class KeepAlives {
  readonly #periodNs: number;
  readonly #clientConnections: readonly number[];
  readonly #firstSlot: number;
  readonly #transport: Transport;
  readonly #onExpired: (client: number, nowNs: number) => void;
  /** By client; null while it has no lease. */
  readonly #templates: (RequestTemplate | null)[];
  readonly #askedNs: Float64Array;
  /** 1: an answer is to come; and whether it is of the lease that the client has now. */
  readonly #isAsked: Uint8Array;
  readonly #isCurrent: Uint8Array;
  /** By connection. */
  readonly #isOpen: Uint8Array;
  /** By connection, the clients whose answers are to come, as rings. */
  readonly #waiting: Int32Array[];
  readonly #first: Int32Array;
  readonly #count: Int32Array;

  constructor(
    kept: KeptLeases,
    transport: Transport,
    onExpired: (client: number, nowNs: number) => void,
  ) {
    const { ttlSeconds, leases, clientConnections, connections, firstSlot } = kept;
    this.#periodNs = (ttlSeconds * 1e9) / RENEWALS_IN_TTL;
    this.#clientConnections = clientConnections;
    this.#firstSlot = firstSlot;
    this.#transport = transport;
    this.#onExpired = onExpired;
    this.#templates = leases.map((lease) => this.#template(lease));
    this.#askedNs = new Float64Array(leases.length).fill(clockNs());
    this.#isAsked = new Uint8Array(leases.length);
    this.#isCurrent = new Uint8Array(leases.length);
    this.#isOpen = new Uint8Array(connections);
    this.#first = new Int32Array(connections);
    this.#count = new Int32Array(connections);
    this.#waiting = Array.from({ length: connections }, (_, connection) => {
      const clients = clientConnections.filter((each) => each === connection).length;
      return new Int32Array(Math.max(1, clients));
    });
  }

  /** The client has this lease from now on; null: none. */
  setLease(client: number, lease: string | null, nowNs: number): void {
    this.#templates[client] = lease === null ? null : this.#template(lease);
    this.#askedNs[client] = nowNs;
    this.#isCurrent[client] = 0;
  }

  /** Asks for what has come due. */
  tick(nowNs: number): void {
    for (let client = 0; client < this.#templates.length; client++) {
      if (nowNs - this.#askedNs[client]! < this.#periodNs || this.#isAsked[client] === 1) continue;
      const template = this.#templates[client]!;
      if (template !== null) this.#ask(client, template, nowNs);
    }
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    const connection = slot - this.#firstSlot;
    if (this.#count[connection] === 0) return;
    const client = this.#takeFirst(connection);
    if (this.#isCurrent[client] === 0 || keepAliveTtlSeconds(bytes, start, end) > 0) return;
    this.#onExpired(client, nowNs);
  }

  /** The stream has ended; the next period's renewals open it again. */
  onStreamEnd(slot: number): void {
    const connection = slot - this.#firstSlot;
    this.#isOpen[connection] = 0;
    while (this.#count[connection]! > 0) this.#takeFirst(connection);
  }

  #ask(client: number, template: RequestTemplate, nowNs: number): void {
    const connection = this.#clientConnections[client]!;
    const ring = this.#waiting[connection]!;
    ring[(this.#first[connection]! + this.#count[connection]!) % ring.length] = client;
    this.#count[connection]! += 1;
    this.#askedNs[client] = nowNs;
    this.#isAsked[client] = 1;
    this.#isCurrent[client] = 1;
    const slot = this.#firstSlot + connection;
    if (this.#isOpen[connection] === 1) {
      this.#transport.send(slot, template);
    } else {
      this.#isOpen[connection] = 1;
      this.#transport.call(slot, template);
    }
  }

  #takeFirst(connection: number): number {
    const ring = this.#waiting[connection]!;
    const client = ring[this.#first[connection]!]!;
    this.#first[connection] = (this.#first[connection]! + 1) % ring.length;
    this.#count[connection]! -= 1;
    this.#isAsked[client] = 0;
    return client;
  }

  #template(lease: string): RequestTemplate {
    const message = encodeMessage("etcdserverpb.LeaseKeepAliveRequest", { ID: lease });
    const path = "/etcdserverpb.Lease/LeaseKeepAlive";
    return this.#transport.template(path, message, CallMode.STREAM);
  }
}
