/** Owns the ranges of the txn-mixed workload: a transaction of one range, the same each time. */

import type { RequestTemplate, Transport } from "#wire";
import { encodeMessage } from "../../protos.ts";
import { type RangeRequest, rangeFields } from "./range.ts";
import type { RequestSource } from "./single-calls.ts";
import type { TxnPutRequest } from "./txn-put.ts";

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
