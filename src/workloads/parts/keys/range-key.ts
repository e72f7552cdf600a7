/**
 * Makes ranges that start at one key of a key space each: of that key alone, and then its presence is
 * counted, or from it on.
 */

import { CallMode, type Transport } from "#wire";
import type { Load } from "../../../load/load.ts";
import type { OperationSpec } from "../../../load/messages.ts";
import type { KeySpace } from "../../../plan/key-space.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import { encodeMessage } from "../../../protos.ts";
import { SeedStream } from "../../../random.ts";
import { type RangeRequest, rangeFields } from "../../range/range.ts";
import { RangeReader } from "../calls/answer-readers.ts";
import { singleCalls } from "../calls/single-calls.ts";
import { KeyRequests } from "./key-requests.ts";
import type { InsertedKeys } from "./popularity.ts";

const KEYS = new SeedStream("range.keys");

/** A range without its key. */
export type RangeFromKey = Omit<RangeRequest, "key">;

export interface RangeKeyOptions {
  /** Keys beyond the space that `latest` draws too. */
  inserted?: InsertedKeys;
  /** Of ranges that shall not draw the same keys as others. */
  stream?: SeedStream;
}

export class RangeKey extends KeyRequests<RangeReader> {
  constructor(
    keys: KeySpace,
    range: RangeFromKey,
    seed: number,
    share: WorkerShare,
    transport: Transport,
    { inserted, stream = KEYS }: RangeKeyOptions = {},
  ) {
    const countsFound = range.end === null && range.content !== "count";
    super({
      path: "/etcdserverpb.KV/Range",
      encode: (key) => encodeMessage("etcdserverpb.RangeRequest", rangeFields({ ...range, key })),
      mode: CallMode.UNARY_PARTS,
      reader: new RangeReader(share.clientConnections.length, { countsFound }),
      keys,
      stream,
      seed,
      share,
      transport,
      inserted,
    });
  }
}

export interface RangeKeySpec extends OperationSpec {
  kind: "range-key";
  keys: KeySpace;
  range: RangeFromKey;
}

export const rangeKeyLoad: Load<RangeKeySpec> = {
  kind: "range-key",
  make: ({ keys, range }, context) =>
    singleCalls(new RangeKey(keys, range, context.seed, context.share, context.transport), context),
};
