/** Owns the lock of stm by etcd's lock service (v3lockpb): one call takes it, one gives it back. */
import { encodeMessage } from "../../protos.ts";
import { CallMode, type RequestTemplate, type Transport } from "../transport.ts";
import { findField, found } from "./protobuf-fields.ts";
import type { Part, PartHost } from "./stm.ts";

const LOCK_KEY = 2;

export class RpcLock {
  readonly acquire: Part;
  readonly release: Part;

  constructor(name: string, leases: readonly string[], host: PartHost, transport: Transport) {
    const locks = leases.map((lease) => {
      const message = encodeMessage("v3lockpb.LockRequest", { name: Buffer.from(name), lease });
      return transport.template("/v3lockpb.Lock/Lock", message, CallMode.UNARY_ANSWER);
    });
    // The key follows from name and lease, so it is the same each time.
    const unlocks: (RequestTemplate | null)[] = leases.map(() => null);
    this.acquire = {
      start: (client, nowNs) => host.call(client, locks[client]!, nowNs),
      request: (client) => locks[client]!,
      onMessage: (client, bytes, start, end) => {
        if (unlocks[client] !== null || !findField(bytes, start, end, LOCK_KEY)) return;
        const key = Buffer.from(bytes.subarray(found.start, found.end));
        const message = encodeMessage("v3lockpb.UnlockRequest", { key });
        unlocks[client] = transport.template("/v3lockpb.Lock/Unlock", message);
      },
      onAnswered: (client, nowNs) => host.done(client, nowNs),
    };
    this.release = {
      start: (client, nowNs) => host.call(client, unlocks[client]!, nowNs),
      request: (client) => unlocks[client]!,
      onMessage: () => {},
      onAnswered: (client, nowNs) => host.done(client, nowNs),
    };
  }
}
