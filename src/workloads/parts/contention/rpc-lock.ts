/** Takes a lock by etcd's lock service (v3lockpb): one call takes it, one gives it back. */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { encodeMessage } from "../../../protos.ts";
import { headerRevision } from "../calls/header-revision.ts";
import { oneCall, type Part, type PartHost } from "../calls/part.ts";
import { findField, found } from "../calls/protobuf-fields.ts";
import type { Contender, Locker } from "./locker.ts";

/** Of LockResponse. */
const LOCK_KEY = 2;

export class RpcLock implements Locker {
  readonly acquire: Part;
  readonly release: Part;
  readonly #names: readonly string[];
  readonly #transport: Transport;
  /** By client. */
  readonly #locks: RequestTemplate[];
  /** The key follows from name and lease, so it is the same each time; null before the first. */
  readonly #keys: (Buffer | null)[];
  readonly #unlocks: (RequestTemplate | null)[];
  readonly #revisions: Float64Array;

  constructor(contenders: readonly Contender[], host: PartHost, transport: Transport) {
    this.#names = contenders.map(({ name }) => name);
    this.#transport = transport;
    this.#locks = contenders.map((contender) => this.#lock(contender));
    this.#keys = contenders.map(() => null);
    this.#unlocks = contenders.map(() => null);
    this.#revisions = new Float64Array(contenders.length);
    this.acquire = {
      start: (client, nowNs) => host.call(client, this.#locks[client]!, nowNs),
      request: (client) => this.#locks[client]!,
      onMessage: (client, bytes, start, end) => this.#onLocked(client, bytes, start, end),
      onAnswered: (client, nowNs) => {
        if (this.#unlocks[client] !== null) host.done(client, nowNs);
        else host.fail(client, Status.INTERNAL, "the answer names no key", nowNs);
      },
    };
    this.release = oneCall(host, (client) => this.#unlocks[client]!);
  }

  renew(client: number, lease: string): void {
    this.#locks[client] = this.#lock({ name: this.#names[client]!, lease });
    this.#keys[client] = null;
    this.#unlocks[client] = null;
  }

  createRevision(): null {
    return null;
  }

  /** Of the last acquisition: a revision at which the client owned the lock. */
  ownedRevision(client: number): number {
    return this.#revisions[client]!;
  }

  /** The octets of the client's key; only after an acquisition. */
  ownKey(client: number): Uint8Array {
    return this.#keys[client]!;
  }

  #lock({ name, lease }: Contender): RequestTemplate {
    const message = encodeMessage("v3lockpb.LockRequest", { name: Buffer.from(name), lease });
    return this.#transport.template("/v3lockpb.Lock/Lock", message, CallMode.UNARY_ANSWER);
  }

  #onLocked(client: number, bytes: Uint8Array, start: number, end: number): void {
    this.#revisions[client] = headerRevision(bytes, start, end);
    if (this.#unlocks[client] !== null || !findField(bytes, start, end, LOCK_KEY)) return;
    const key = Buffer.from(bytes.subarray(found.start, found.end));
    this.#keys[client] = key;
    const message = encodeMessage("v3lockpb.UnlockRequest", { key });
    this.#unlocks[client] = this.#transport.template("/v3lockpb.Lock/Unlock", message);
  }
}
