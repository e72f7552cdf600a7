/** Sends the deletes of the delete workload: one key of the key space each. */

import { CallMode, type Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { SeedStream } from "../../random.ts";
import { FieldReader } from "../parts/calls/answer-readers.ts";
import { singleCalls } from "../parts/calls/single-calls.ts";
import { KeyRequests } from "../parts/keys/key-requests.ts";

/** Of DeleteRangeResponse. */
const DELETED = 2;
const KEYS = new SeedStream("delete.keys");

export class Delete extends KeyRequests<FieldReader> {
  constructor(keys: KeySpace, seed: number, share: WorkerShare, transport: Transport) {
    super({
      path: "/etcdserverpb.KV/DeleteRange",
      encode: (key) => encodeMessage("etcdserverpb.DeleteRangeRequest", { key }),
      mode: CallMode.UNARY_ANSWER,
      reader: new FieldReader("deleted", DELETED, share.clientConnections.length),
      keys,
      stream: KEYS,
      seed,
      share,
      transport,
    });
  }
}

export interface DeleteSpec extends OperationSpec {
  kind: "delete";
  keys: KeySpace;
}

export const deleteLoad: Load<DeleteSpec> = {
  kind: "delete",
  make: ({ keys }, context) =>
    singleCalls(new Delete(keys, context.seed, context.share, context.transport), context),
};
