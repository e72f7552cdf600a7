/**
 * Makes requests that differ in one key alone: a template whose key is patched with the next one of a
 * key space, in order or at random.
 */

import type { CallMode, RequestTemplate, Transport } from "#wire";
import type { KeySpace } from "../../../plan/key-space.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import type { SeedStream } from "../../../random.ts";
import type { AnswerReader } from "../calls/answer-readers.ts";
import type { RequestSource } from "../calls/single-calls.ts";
import { offsetOfField } from "../calls/template.ts";
import { KeySequence, KeyWriter } from "./key-writer.ts";
import type { InsertedKeys } from "./popularity.ts";

export interface KeyRequestOptions<Reader extends AnswerReader> {
  path: string;
  /** Serialises the request of a key. */
  encode: (key: Uint8Array) => Buffer;
  mode: CallMode;
  reader: Reader;
  keys: KeySpace;
  /** Of the keys, for each worker another. */
  stream: SeedStream;
  seed: number;
  share: WorkerShare;
  transport: Transport;
  /** Keys beyond the space that `latest` draws too. */
  inserted?: InsertedKeys;
}

export class KeyRequests<Reader extends AnswerReader = AnswerReader> implements RequestSource {
  readonly reader: Reader;
  readonly #template: RequestTemplate;
  readonly #keyOffset: number;
  readonly #sequence: KeySequence;
  readonly #writer: KeyWriter;

  constructor(options: KeyRequestOptions<Reader>) {
    const { path, encode, mode, reader, keys, stream, seed, share, transport } = options;
    const key = Buffer.alloc(keys.keySizeBytes, 0xff);
    const message = encode(key);
    this.#template = transport.template(path, message, mode);
    this.#keyOffset = this.#template.messageOffset + offsetOfField(message, key);
    this.reader = reader;
    this.#writer = new KeyWriter(keys);
    const makeRandom = () => stream.random(seed, share.workerIndex);
    this.#sequence = new KeySequence(keys, share, makeRandom, options.inserted);
  }

  /** The ticket is the key's index. */
  next(): number {
    return this.#sequence.next();
  }

  request(ticket: number): RequestTemplate {
    this.#writer.write(ticket, this.#template.bytes, this.#keyOffset);
    return this.#template;
  }

  restart(): void {
    this.#sequence.restart();
  }
}
