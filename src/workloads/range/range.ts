/**
 * Sends the ranges of the range workload whose answer is one call's: the same read again and again, at
 * one consistency.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { encodeMessage } from "../../protos.ts";
import { RangeReader } from "../parts/calls/answer-readers.ts";
import type { RequestSource } from "../parts/calls/single-calls.ts";
import type { Consistency } from "../parts/consistency.ts";
import type { RangeSort, RangeWorkload } from "./schema.ts";

export interface RangeRequest {
  key: Uint8Array;
  /** Exclusive; null reads the one key. */
  end: Uint8Array | null;
  consistency: Consistency;
  /** Null or absent: no limit. */
  limit?: number | null;
  /** Absent: keys and values. */
  content?: RangeWorkload["content"];
  /** Null or absent: as stored. */
  sort?: RangeSort | null;
  /** Absent: whole. */
  fetch?: RangeWorkload["fetch"];
}

/** The fields of the RangeRequest, as `encodeMessage` takes them. */
export function rangeFields(request: RangeRequest): object {
  return {
    key: request.key,
    ...(request.end === null ? {} : { rangeEnd: request.end }),
    ...(request.consistency === "serializable" ? { serializable: true } : {}),
    ...(request.limit ? { limit: request.limit } : {}),
    ...(request.content === "keys" ? { keysOnly: true } : {}),
    ...(request.content === "count" ? { countOnly: true } : {}),
    ...(request.sort
      ? {
          sortOrder: request.sort.order.toUpperCase(),
          sortTarget: request.sort.by.toUpperCase(),
        }
      : {}),
  };
}

export class Range implements RequestSource {
  readonly reader: RangeReader;
  readonly #template: RequestTemplate;

  constructor(request: RangeRequest, clients: number, transport: Transport) {
    const message = encodeMessage("etcdserverpb.RangeRequest", rangeFields(request));
    const isStream = request.fetch === "stream";
    this.#template = isStream
      ? transport.template("/etcdserverpb.KV/RangeStream", message, CallMode.SERVER_STREAM)
      : transport.template("/etcdserverpb.KV/Range", message, CallMode.UNARY_PARTS);
    this.reader = new RangeReader(clients, { isStream });
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
