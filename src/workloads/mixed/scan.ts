/**
 * Sends scans: ranges from a key of the key space on, in the order of keys, of a number of them that is
 * drawn evenly up to the longest.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { keyRangeOf } from "../../plan/key-range.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { type Random, randomBelow, SeedStream } from "../../random.ts";
import { RangeReader } from "../parts/calls/answer-readers.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../parts/calls/padded-varint.ts";
import type { RequestSource } from "../parts/calls/single-calls.ts";
import { offsetOfField } from "../parts/calls/template.ts";
import type { Consistency } from "../parts/consistency.ts";
import { KeySequence, KeyWriter } from "../parts/keys/key-writer.ts";
import type { InsertedKeys } from "../parts/keys/popularity.ts";
import { rangeFields } from "../range/range.ts";

const KEYS = new SeedStream("scan.keys");
const LENGTHS = new SeedStream("scan.lengths");

export interface ScanRequest {
  keys: KeySpace;
  consistency: Consistency;
  /** Keys of the longest scan. */
  scanLength: number;
}

export class Scan implements RequestSource {
  readonly reader: RangeReader;
  readonly #template: RequestTemplate;
  readonly #keyOffset: number;
  readonly #limitOffset: number;
  readonly #scanLength: number;
  readonly #writer: KeyWriter;
  readonly #sequence: KeySequence;
  readonly #makeRandom: () => Random;
  #random: Random;

  constructor(
    { keys, consistency, scanLength }: ScanRequest,
    seed: number,
    share: WorkerShare,
    transport: Transport,
    inserted?: InsertedKeys,
  ) {
    const key = Buffer.alloc(keys.keySizeBytes, 0xff);
    const fields = {
      ...rangeFields({ key, end: endOfKeys(keys), consistency }),
      limit: PLACEHOLDER_VALUE,
    };
    const message = encodeMessage("etcdserverpb.RangeRequest", fields);
    this.#template = transport.template("/etcdserverpb.KV/Range", message, CallMode.UNARY_PARTS);
    const { messageOffset } = this.#template;
    this.#keyOffset = messageOffset + offsetOfField(message, key);
    // After key and end, whose octets may look like it.
    this.#limitOffset = messageOffset + message.lastIndexOf(PLACEHOLDER);
    this.#scanLength = scanLength;
    this.reader = new RangeReader(share.clientConnections.length);
    this.#writer = new KeyWriter(keys);
    const { workerIndex } = share;
    const makeKeyRandom = () => KEYS.random(seed, workerIndex);
    this.#sequence = new KeySequence(keys, share, makeKeyRandom, inserted);
    this.#makeRandom = () => LENGTHS.random(seed, workerIndex);
    this.#random = this.#makeRandom();
  }

  /** The ticket holds the first key's index, and the length in the place of its lowest digit. */
  next(): number {
    const index = this.#sequence.next();
    return index * this.#scanLength + randomBelow(this.#random, this.#scanLength);
  }

  request(ticket: number): RequestTemplate {
    const { bytes } = this.#template;
    this.#writer.write(Math.floor(ticket / this.#scanLength), bytes, this.#keyOffset);
    writePadded(bytes, this.#limitOffset, 1 + (ticket % this.#scanLength));
    return this.#template;
  }

  restart(): void {
    this.#sequence.restart();
    this.#random = this.#makeRandom();
  }
}

/** After the last key that has the space's width and prefix, inserted ones included. */
function endOfKeys({ prefix, keySizeBytes, encoding }: KeySpace): Buffer {
  // Varints do not sort as their indices do.
  if (encoding === "varint") return keyRangeOf({ key: prefix, end: null, prefix: true }).end!;
  const end = Buffer.alloc(keySizeBytes + 1, 0xff);
  end.write(prefix, "utf8");
  end[keySizeBytes] = 0;
  return end;
}
