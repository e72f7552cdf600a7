/** Owns the requests of the delete workload: one key of the key space each, in order or at random. */
import type { KeySpace } from "../../plan/schema.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { seededRandom } from "../random.ts";
import { CallMode, type RequestTemplate, type Transport } from "../transport.ts";
import { FieldReader } from "./answer-readers.ts";
import { KeySequence, KeyWriter } from "./key-space.ts";
import type { RequestSource } from "./single-calls.ts";
import { offsetOfField } from "./template.ts";

/** Of DeleteRangeResponse. */
const DELETED = 2;
/** The seed's generators, apart from those of puts, whose keys would else be the same. */
const FIRST_KEY_STREAM = 5_000;

export class Delete implements RequestSource {
  readonly reader: FieldReader;
  readonly #template: RequestTemplate;
  readonly #keyOffset: number;
  readonly #sequence: KeySequence;
  readonly #writer: KeyWriter;

  constructor(keys: KeySpace, seed: number, share: WorkerShare, transport: Transport) {
    const key = Buffer.alloc(keys.keySizeBytes, 0xff);
    const message = encodeMessage("etcdserverpb.DeleteRangeRequest", { key });
    const path = "/etcdserverpb.KV/DeleteRange";
    this.#template = transport.template(path, message, CallMode.UNARY_ANSWER);
    this.#keyOffset = this.#template.messageOffset + offsetOfField(message, key);
    this.reader = new FieldReader("deleted", DELETED, share.clientConnections.length);
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
