/**
 * Reports when a call of grpc-js leaves. grpc-js works on a call for a while after it was started,
 * without an event when it is done; but its last step asks the call's metadata for the HTTP/2 headers,
 * and it writes the message in the same task.
 */
import { Metadata, type MetadataOptions } from "@grpc/grpc-js";

export class LeavingMetadata extends Metadata {
  readonly #onLeave: () => void;

  /** @param onLeave told once HEADERS and DATA are with the HTTP/2 session, which writes next */
  constructor(options: MetadataOptions, onLeave: () => void) {
    super(options);
    this.#onLeave = onLeave;
  }

  /** grpc-js sends a clone, which must tell too. */
  override clone(): Metadata {
    const copy = new LeavingMetadata(this.getOptions(), this.#onLeave);
    copy.merge(this);
    return copy;
  }

  override toHttp2Headers(): ReturnType<Metadata["toHttp2Headers"]> {
    queueMicrotask(this.#onLeave);
    return super.toHttp2Headers();
  }
}
