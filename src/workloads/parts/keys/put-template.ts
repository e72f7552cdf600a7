/**
 * Makes the template of a single put: where its key and value are to be patched, and the length of its
 * value where sizes vary.
 */

import { CallMode, type RequestTemplate, type SizedTemplate, type Transport } from "#wire";
import type { Values } from "../../../plan/value-size.ts";
import type { Random } from "../../../random.ts";
import { writePadded } from "../calls/padded-varint.ts";
import { putMessage } from "./put-message.ts";
import { ValueSizes } from "./value-sizes.ts";

export interface PutTemplateOptions {
  /** Placeholder that keys are patched over, so all are of its length. */
  key: Uint8Array;
  values: Values;
  seed: number;
  /** Of the sizes, where they vary. */
  sizes: Random;
  /** Fields other than key and value, as `encodeMessage` takes them. */
  fields?: object;
  mode?: CallMode;
}

export class PutTemplate {
  readonly template: RequestTemplate;
  /** Places in `template.bytes`. */
  readonly keyOffset: number;
  readonly valueOffset: number;
  /** Null where all values have one size. */
  readonly #sized: SizedTemplate | null;
  readonly #sizes: ValueSizes | null;
  readonly #lengthOffset: number;
  readonly #lengthBytes: number;

  constructor(transport: Transport, options: PutTemplateOptions) {
    const { key, values, seed, sizes, fields, mode = CallMode.UNARY } = options;
    const { valueSize } = values;
    const message = putMessage(key, values, seed, fields);
    const path = "/etcdserverpb.KV/Put";
    this.#sizes = valueSize === null ? null : new ValueSizes(valueSize, sizes);
    this.#sized = valueSize === null ? null : transport.sizedTemplate(path, message.bytes, mode);
    this.template = this.#sized ?? transport.template(path, message.bytes, mode);
    const { messageOffset } = this.template;
    this.keyOffset = messageOffset + message.keyOffset;
    this.valueOffset = messageOffset + message.valueOffset;
    this.#lengthOffset = messageOffset + message.lengthOffset;
    this.#lengthBytes = message.valueOffset - message.lengthOffset;
  }

  /** The value gets the size of the run's n-th; nothing to do where all have one. */
  takeSize(n: number): void {
    if (this.#sizes === null) return;
    const valueBytes = this.#sizes.at(n);
    writePadded(this.template.bytes, this.#lengthOffset, valueBytes, this.#lengthBytes);
    this.#sized!.resize(this.valueOffset - this.template.messageOffset + valueBytes);
  }
}
