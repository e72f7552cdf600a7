/** Sends the txn-mixed workload: transactions of one range, the same each time, or of one put. */

import type { RequestTemplate, Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { encodeMessage } from "../../protos.ts";
import { mixOf } from "../parts/calls/mix.ts";
import type { RequestSource } from "../parts/calls/single-calls.ts";
import { singleCalls } from "../parts/calls/single-calls.ts";
import { replayedKeys } from "../parts/keys/written-keys.ts";
import { type RangeRequest, rangeFields } from "../range/range.ts";
import { TxnPut, type TxnPutRequest } from "../txn-put/load.ts";

/** Both kinds of transaction; `rwRatio` is ranges per put. */
export interface TxnMixedRequests {
  read: RangeRequest;
  write: TxnPutRequest;
  rwRatio: number;
}

export class TxnRange implements RequestSource {
  readonly #template: RequestTemplate;

  constructor(request: RangeRequest, transport: Transport) {
    const message = encodeMessage("etcdserverpb.TxnRequest", {
      success: [{ requestRange: rangeFields(request) }],
    });
    this.#template = transport.template("/etcdserverpb.KV/Txn", message);
  }

  next(): number {
    return 0;
  }

  request(): RequestTemplate {
    return this.#template;
  }

  restart(): void {
    // Every request is the same.
  }
}

export interface TxnMixedSpec extends OperationSpec {
  kind: "txn-mixed";
  txnMixed: TxnMixedRequests;
}

export const txnMixedLoad: Load<TxnMixedSpec> = {
  kind: "txn-mixed",
  make({ txnMixed }, context) {
    const { read, write, rwRatio } = txnMixed;
    const { seed, share, transport } = context;
    const kinds = [
      { source: new TxnRange(read, transport), weight: rwRatio },
      { source: new TxnPut(write, seed, share, transport), weight: 1 },
    ];
    return mixOf(
      kinds.map(({ source, weight }) => ({
        weight,
        make: (operations) => singleCalls(source, { ...context, operations }),
      })),
      context,
    );
  },
  writtenKeys: (spec, share, seed, begun) =>
    replayedKeys(txnMixedLoad, spec, share, seed, [Math.max(0, ...begun)]),
};
