/** Writes the requests that create watchers: one template, patched with key, id and start revision. */
import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { encodeMessage } from "../../../protos.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../calls/padded-varint.ts";
import { offsetOfField } from "../calls/template.ts";
import { KeyWriter } from "../keys/key-writer.ts";
import type { WatchSpec } from "./watched-keys.ts";

/** 28 bits, which a varint of four octets holds: padded so that every id has the same length. */
const WATCH_ID_PLACEHOLDER = 0x0fffffff;
const WATCH_ID_BYTES = [0xff, 0xff, 0xff, 0x7f];

export class WatchRequest {
  readonly template: RequestTemplate;
  readonly #startRevision: number | null;
  readonly #keyOffset: number;
  readonly #idOffset: number;
  /** Null: the watchers get what happens from now on. */
  readonly #revisionOffset: number | null;
  readonly #writer: KeyWriter;

  constructor(spec: WatchSpec, transport: Transport) {
    const key = Buffer.alloc(spec.keys.keySizeBytes, 0xff);
    const message = encodeMessage("etcdserverpb.WatchRequest", {
      createRequest: {
        key,
        ...(spec.startRevision === null ? {} : { startRevision: PLACEHOLDER_VALUE }),
        ...(spec.progressNotify ? { progressNotify: true } : {}),
        ...(spec.prevKv ? { prevKv: true } : {}),
        watchId: WATCH_ID_PLACEHOLDER,
      },
    });
    this.template = transport.template("/etcdserverpb.Watch/Watch", message, CallMode.STREAM);
    const { messageOffset } = this.template;
    this.#startRevision = spec.startRevision;
    this.#keyOffset = messageOffset + offsetOfField(message, key);
    this.#idOffset = messageOffset + message.lastIndexOf(Buffer.from(WATCH_ID_BYTES));
    this.#revisionOffset =
      spec.startRevision === null ? null : messageOffset + offsetOfField(message, PLACEHOLDER);
    this.#writer = new KeyWriter(spec.keys);
  }

  /**
   * Patches the template.
   * @param watchId below 2^28
   * @param resumeRevision in place of the start revision, where there is one; null: the latter
   */
  write(keyIndex: number, watchId: number, resumeRevision: number | null): void {
    const { bytes } = this.template;
    this.#writer.write(keyIndex, bytes, this.#keyOffset);
    this.#writeWatchId(watchId);
    if (this.#revisionOffset !== null) {
      writePadded(bytes, this.#revisionOffset, resumeRevision ?? this.#startRevision!);
    }
  }

  #writeWatchId(id: number): void {
    const { bytes } = this.template;
    const at = this.#idOffset;
    bytes[at] = (id & 0x7f) | 0x80;
    bytes[at + 1] = ((id >>> 7) & 0x7f) | 0x80;
    bytes[at + 2] = ((id >>> 14) & 0x7f) | 0x80;
    bytes[at + 3] = (id >>> 21) & 0x7f;
  }
}
