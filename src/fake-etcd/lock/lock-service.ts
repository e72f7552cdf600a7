/** The Lock service: locks by their names, each with one owner. */
import { decodeMessage } from "../../protos.ts";
import { wholeAnswer } from "../grpc/answer.ts";
import type { UnaryMethod } from "../grpc/methods.ts";
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

export function lockService(revisions: Revisions): Service {
  const queues = new OwnerQueues();
  const writer = new ProtoWriter();
  const lock: UnaryMethod = {
    isStream: false,
    readsMessage: true,
    answer(message, caller, streamId) {
      const { name, lease } = decodeMessage<LockRequest>("v3lockpb.LockRequest", message);
      const key = ownerKey(name, lease);
      const answer = () =>
        wholeAnswer(beginResponse(writer, revisions.next()).bytes(2, key).finish());
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
