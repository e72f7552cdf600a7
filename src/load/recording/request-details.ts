/**
 * Finds out what is known of a request that is kept as one of the slowest: its endpoint, its key, and the
 * revision of its answer. Called for those alone, and allocates nothing.
 */
import { type RequestTemplate, Status, type Transport } from "#wire";
import { MOST_KEY_BYTES, type RequestDetails } from "./slowest-requests.ts";

/** No slot of the transport: it is not known whose call it was. */
export const NO_SLOT = -1;

/** Reads messages whose form the load does not know. */
export interface MessageReader {
  /** Writes the key of a request to `out`, and returns its octets; 0: there is none, or no room. */
  writeKey(template: RequestTemplate, out: Uint8Array): number;
  /** The revision in the answer in `bytes[start, end)`; 0 without one. */
  revision(bytes: Uint8Array, start: number, end: number): number;
}

export interface DetailsOptions {
  transport: Transport;
  reader: MessageReader;
  /** `host:port` by slot. */
  endpointOf(slot: number): string;
}

export class RequestDetailsReader {
  readonly #options: DetailsOptions;
  /** The same one each time. */
  readonly #details: RequestDetails = {
    status: 0,
    endpoint: null,
    key: new Uint8Array(MOST_KEY_BYTES),
    keyBytes: 0,
    revision: 0,
  };

  constructor(options: DetailsOptions) {
    this.#options = options;
  }

  /**
   * Valid until the next call.
   * @param slot of its call, or `NO_SLOT`
   * @param request null: not known
   */
  of(slot: number, status: number, request: RequestTemplate | null): RequestDetails {
    const { transport, reader, endpointOf } = this.#options;
    const details = this.#details;
    details.status = status;
    details.endpoint = slot === NO_SLOT ? null : endpointOf(slot);
    details.keyBytes = request === null ? 0 : reader.writeKey(request, details.key);
    const hasAnswer = slot !== NO_SLOT && status === Status.OK;
    details.revision = hasAnswer ? (transport.readAnswer?.(slot, reader.revision) ?? 0) : 0;
    return details;
  }
}
