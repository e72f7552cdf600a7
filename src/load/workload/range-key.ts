/** Owns reads of one key of a key space each, in order or at random, and whether it was there. */
import type { Consistency, KeySpace } from "../../plan/schema.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { seededRandom } from "../random.ts";
import { CallMode, type RequestTemplate, type Transport } from "../transport.ts";
import { RangeReader } from "./answer-readers.ts";
import { KeySequence, KeyWriter } from "./key-space.ts";
import { rangeFields } from "./range.ts";
import type { RequestSource } from "./single-calls.ts";
import { offsetOfField } from "./template.ts";

/** The seed's generators, apart from those of puts and deletes, whose keys would else be the same. */
const FIRST_KEY_STREAM = 6_000;

export class RangeKey implements RequestSource {
  readonly reader: RangeReader;
  readonly #template: RequestTemplate;
  readonly #keyOffset: number;
  readonly #sequence: KeySequence;
  readonly #writer: KeyWriter;

  constructor(
    keys: KeySpace,
    consistency: Consistency,
    seed: number,
    share: WorkerShare,
    transport: Transport,
  ) {
    const key = Buffer.alloc(keys.keySizeBytes, 0xff);
    const fields = rangeFields({ key, end: null, consistency });
    const message = encodeMessage("etcdserverpb.RangeRequest", fields);
    const path = "/etcdserverpb.KV/Range";
    this.#template = transport.template(path, message, CallMode.UNARY_PARTS);
    this.#keyOffset = this.#template.messageOffset + offsetOfField(message, key);
    this.reader = new RangeReader(share.clientConnections.length, { countsFound: true });
    this.#writer = new KeyWriter(keys);
    this.#sequence = new KeySequence(keys, share, () =>
      seededRandom(seed, FIRST_KEY_STREAM + share.workerIndex),
    );
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
