/**
 * Keeps the session of each client: a lease, kept alive, on which all keys of the client hang. A
 * session in doubt, after a failure that leaves open whether the client is the owner, is ended by
 * revoking its lease, and the client's next operation begins with a new lease: so no unknown key keeps
 * others waiting. These calls go through the client's own slot.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { encodeMessage } from "../../../protos.ts";
import type { Part, PartHost } from "../calls/part.ts";
import { findField, found, varintAt } from "../calls/protobuf-fields.ts";

/** Of LeaseGrantResponse. */
const LEASE_ID = 2;

const State = {
  ALIVE: 0,
  /** To be revoked. */
  DOUBTFUL: 1,
  REVOKING: 2,
  GONE: 3,
  GRANTING: 4,
} as const;

export interface SessionOptions {
  ttlSeconds: number;
  /** Decimal ids, by client. */
  leases: readonly string[];
  /** The client has a new lease. */
  onRenewed: (client: number, lease: string, nowNs: number) => void;
  /** The client's lease is revoked, and it has no other yet. */
  onRevoked: (client: number) => void;
}

export class Sessions {
  /** Gets the client a session where it has none. */
  readonly renewal: Part;
  readonly #host: PartHost;
  readonly #transport: Transport;
  readonly #onRenewed: SessionOptions["onRenewed"];
  readonly #onRevoked: SessionOptions["onRevoked"];
  readonly #grant: RequestTemplate;
  /** By client. */
  readonly #revokes: RequestTemplate[];
  readonly #newLeases: string[];
  readonly #state: Uint8Array;

  constructor(options: SessionOptions, host: PartHost, transport: Transport) {
    const { ttlSeconds, leases, onRenewed, onRevoked } = options;
    this.#host = host;
    this.#transport = transport;
    this.#onRenewed = onRenewed;
    this.#onRevoked = onRevoked;
    const grant = encodeMessage("etcdserverpb.LeaseGrantRequest", { TTL: ttlSeconds });
    const path = "/etcdserverpb.Lease/LeaseGrant";
    this.#grant = transport.template(path, grant, CallMode.UNARY_ANSWER);
    this.#revokes = leases.map((lease) => this.#revoke(lease));
    this.#newLeases = [...leases];
    this.#state = new Uint8Array(leases.length);
    this.renewal = {
      start: (client, nowNs) => this.#next(client, nowNs),
      request: (client) => this.#request(client),
      onMessage: (client, bytes, start, end) => {
        if (this.#state[client] !== State.GRANTING || !findField(bytes, start, end, LEASE_ID)) {
          return;
        }
        this.#newLeases[client] = leaseId(bytes, found.start, found.end);
      },
      onAnswered: (client, nowNs) => {
        if (this.settled(client, Status.OK, nowNs)) this.#host.done(client, nowNs);
        else this.#next(client, nowNs);
      },
    };
  }

  isAlive(client: number): boolean {
    return this.#state[client] === State.ALIVE;
  }

  /** The client's slot is free, and what it owns uncertain: ends its session without waiting for it. */
  abandon(client: number): void {
    this.#state[client] = State.REVOKING;
    this.#transport.call(client, this.#revokes[client]!);
  }

  /** etcd has let the lease go. */
  expired(client: number): void {
    this.#state[client] = State.GONE;
  }

  /** A call of this client has ended; true: it has a session now. */
  settled(client: number, status: number, nowNs: number): boolean {
    if (this.#state[client] === State.REVOKING) {
      const isGone = status === Status.OK || status === Status.NOT_FOUND;
      this.#state[client] = isGone ? State.GONE : State.DOUBTFUL;
      if (status === Status.OK) this.#onRevoked(client);
    } else if (this.#state[client] === State.GRANTING) {
      this.#state[client] = status === Status.OK ? State.ALIVE : State.GONE;
      if (status === Status.OK) this.#renewed(client, nowNs);
    }
    return this.isAlive(client);
  }

  /** Whether an end of the call of now with this status lets the renewal go on. */
  isSettledBy(client: number, status: number): boolean {
    const isGone = this.#state[client] === State.REVOKING && status === Status.NOT_FOUND;
    return status === Status.OK || isGone;
  }

  #next(client: number, nowNs: number): void {
    // A revoke that was sent before is waited for.
    if (this.#state[client] === State.REVOKING) return;
    const isGone = this.#state[client] === State.GONE;
    this.#state[client] = isGone ? State.GRANTING : State.REVOKING;
    this.#host.call(client, this.#request(client), nowNs);
  }

  #request(client: number): RequestTemplate {
    return this.#state[client] === State.GRANTING ? this.#grant : this.#revokes[client]!;
  }

  #renewed(client: number, nowNs: number): void {
    const lease = this.#newLeases[client]!;
    this.#revokes[client] = this.#revoke(lease);
    this.#onRenewed(client, lease, nowNs);
  }

  #revoke(lease: string): RequestTemplate {
    const message = encodeMessage("etcdserverpb.LeaseRevokeRequest", { ID: lease });
    return this.#transport.template("/etcdserverpb.Lease/LeaseRevoke", message);
  }
}

/** All 63 bits of a varint as a decimal id. */
function leaseId(bytes: Uint8Array, start: number, end: number): string {
  const value = varintAt(bytes, start, end);
  if (Number.isSafeInteger(value)) return String(value);
  let id = 0n;
  for (let at = end - 1; at >= start; at--) id = (id << 7n) | BigInt(bytes[at]! & 0x7f);
  return String(id);
}
