/** The Lock service: locks by their names, each with one owner. */

import { Status } from "#wire";
import { decodeMessage } from "../../protos.ts";
import { failure, wholeAnswer } from "../grpc/answer.ts";
import type { UnaryMethod } from "../grpc/methods.ts";
import { type Mistakes, NO_MISTAKES } from "../mistakes.ts";
import { ProtoWriter } from "../proto-writer.ts";
import { beginResponse } from "../response-header.ts";
import type { Revisions } from "../revisions.ts";
import type { Service } from "../services.ts";
import { OwnerQueues, ownerKey } from "./owner-queues.ts";

export const LOCK_PATH = "/v3lockpb.Lock/Lock";
export const UNLOCK_PATH = "/v3lockpb.Lock/Unlock";

interface LockRequest {
  name: Buffer;
  lease: string;
}

type LockMistakes = Pick<Mistakes, "sharesLock" | "forgetsLockLease">;

export function lockService(
  revisions: Revisions,
  { sharesLock, forgetsLockLease }: LockMistakes = NO_MISTAKES,
): Service {
  let requests = 0;
  const queues = new OwnerQueues();
  const writer = new ProtoWriter();
  const lock: UnaryMethod = {
    isStream: false,
    readsMessage: true,
    answer(message, caller, streamId) {
      requests += 1;
      if (forgetsLockLease(requests)) {
        return failure(Status.NOT_FOUND, "etcdserver: requested lease not found");
      }
      const { name, lease } = decodeMessage<LockRequest>("v3lockpb.LockRequest", message);
      const key = ownerKey(name, lease);
      const answer = () =>
        wholeAnswer(beginResponse(writer, revisions.next()).bytes(2, key).finish());
      if (sharesLock(requests)) return answer();
      return queues.ask(name.toString("latin1"), { caller, streamId, answer });
    },
  };
  const unlock: UnaryMethod = {
    isStream: false,
    readsMessage: true,
    answer(message) {
      const request = decodeMessage<{ key: Buffer }>("v3lockpb.UnlockRequest", message);
      const key = request.key.toString("latin1");
      queues.release(key.slice(0, key.lastIndexOf("/")));
      return wholeAnswer(beginResponse(writer, revisions.current).finish());
    },
  };
  return {
    methods: new Map([
      [LOCK_PATH, lock],
      [UNLOCK_PATH, unlock],
    ]),
    cancel: (caller, streamId) => queues.cancel(caller, streamId),
    drop: (caller) => queues.drop(caller),
  };
}
