/**
 * Writes the puts of a transaction whose values differ in length: they are laid out one after the other
 * anew for each request, at the end of a template that has room for all at their longest.
 */

import { CallMode, type SizedTemplate, type Transport } from "#wire";
import type { ValueSize } from "../../../plan/value-size.ts";
import { encodeMessage } from "../../../protos.ts";
import type { Random } from "../../../random.ts";
import { writePadded } from "../calls/padded-varint.ts";
import { putMessage } from "./put-message.ts";
import { ValueSizes } from "./value-sizes.ts";

export interface SizedPutsOptions {
  /** The fields before the puts: compares, and operations for when they fail. */
  before: Uint8Array;
  /** Placeholder that keys are patched over, so all are of its length. */
  key: Uint8Array;
  /** At most. */
  puts: number;
  size: ValueSize;
  seed: number;
  sizes: Random;
  mode?: CallMode;
}

export class SizedPuts {
  readonly template: SizedTemplate;
  /** Of the put that was added last: the offsets of its key and its value in `template.bytes`. */
  keyOffset = 0;
  valueOffset = 0;
  readonly #sizes: ValueSizes;
  readonly #start: number;
  /** A put up to its value, and the offsets of lengths and key in it. */
  readonly #head: Uint8Array;
  readonly #operationLength: number;
  readonly #operationLengthBytes: number;
  readonly #putLength: number;
  readonly #putLengthBytes: number;
  readonly #put: number;
  readonly #key: number;
  readonly #valueLength: number;
  /** The longest value, after all that is ever sent. */
  readonly #value: number;
  #at = 0;

  constructor(transport: Transport, options: SizedPutsOptions) {
    const { before, key, puts, size, seed, sizes, mode = CallMode.UNARY } = options;
    const put = putMessage(key, { valSizeBytes: size.maxBytes, valueSize: size }, seed);
    const value = put.bytes.subarray(put.valueOffset);
    const longest = encodeMessage("etcdserverpb.TxnRequest", {
      success: [{ requestPut: { key, value } }],
    });
    // A tag of one octet is before each of the two lengths.
    this.#put = longest.length - put.bytes.length;
    this.#operationLength = 1;
    this.#operationLengthBytes = varintBytesAt(longest, this.#operationLength);
    this.#putLength = this.#operationLength + this.#operationLengthBytes + 1;
    this.#putLengthBytes = this.#put - this.#putLength;
    this.#key = this.#put + put.keyOffset;
    this.#valueLength = this.#put + put.lengthOffset;
    this.#head = longest.subarray(0, this.#put + put.valueOffset);
    const room = Buffer.alloc(puts * longest.length);
    const message = Buffer.concat([before, room, value]);
    this.template = transport.sizedTemplate("/etcdserverpb.KV/Txn", message, mode);
    this.#start = this.template.messageOffset + before.length;
    this.#value = this.#start + room.length;
    this.#sizes = new ValueSizes(size, sizes);
    this.begin();
  }

  begin(): void {
    this.#at = this.#start;
  }

  /** Adds a put with the run's n-th value, or the beginning of it. */
  add(n: number): void {
    const { bytes } = this.template;
    const at = this.#at;
    const head = this.#head;
    const valueBytes = this.#sizes.at(n);
    const putBytes = head.length - this.#put + valueBytes;
    const operationBytes = this.#put - this.#putLength + 1 + putBytes;
    bytes.set(head, at);
    writePadded(bytes, at + this.#operationLength, operationBytes, this.#operationLengthBytes);
    writePadded(bytes, at + this.#putLength, putBytes, this.#putLengthBytes);
    const lengthBytes = head.length - this.#valueLength;
    writePadded(bytes, at + this.#valueLength, valueBytes, lengthBytes);
    this.keyOffset = at + this.#key;
    this.valueOffset = at + head.length;
    bytes.copyWithin(this.valueOffset, this.#value, this.#value + valueBytes);
    this.#at = this.valueOffset + valueBytes;
  }

  end(): void {
    this.template.resize(this.#at - this.template.messageOffset);
  }
}

/** Of the varint that starts at `offset`. */
function varintBytesAt(bytes: Uint8Array, offset: number): number {
  let end = offset;
  while (bytes[end]! >= 128) end += 1;
  return end - offset + 1;
}
