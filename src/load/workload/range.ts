/** Owns the requests of the range workload: the same read again and again, at one consistency. */

import type { Consistency } from "../../plan/schema.ts";
import { encodeMessage } from "../../protos.ts";
import type { RequestTemplate, Transport } from "../transport.ts";
import type { RequestSource } from "./single-calls.ts";

export interface RangeRequest {
  key: Uint8Array;
  /** Exclusive; null reads the one key. */
  end: Uint8Array | null;
  consistency: Consistency;
}

export class Range implements RequestSource {
  readonly #template: RequestTemplate;

  constructor(request: RangeRequest, transport: Transport) {
    const message = encodeMessage("etcdserverpb.RangeRequest", {
      key: request.key,
      ...(request.end === null ? {} : { rangeEnd: request.end }),
      ...(request.consistency === "serializable" ? { serializable: true } : {}),
    });
    this.#template = transport.template("/etcdserverpb.KV/Range", message);
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
