/** Owns the requests of the put workload: one random value for the whole run, as upstream, under changing keys. */
import type { PutWorkload } from "../../plan/schema.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { seededRandom } from "../random.ts";
import type { RequestTemplate, Transport } from "../transport.ts";
import { KeySequence, KeyWriter } from "./key-space.ts";
import { putMessage } from "./put-message.ts";
import type { RequestSource } from "./single-calls.ts";

/** The seed's generators for keys, one for each worker. */
const FIRST_KEY_STREAM = 1_000;

export class Put implements RequestSource {
  readonly #template: RequestTemplate;
  readonly #keyOffset: number;
  readonly #sequence: KeySequence;
  readonly #writer: KeyWriter;

  constructor(plan: PutWorkload, seed: number, share: WorkerShare, transport: Transport) {
    const { bytes, keyOffset } = putMessage(plan.keys.keySizeBytes, plan.valSizeBytes, seed);
    this.#template = transport.template("/etcdserverpb.KV/Put", bytes);
    this.#keyOffset = this.#template.messageOffset + keyOffset;
    this.#writer = new KeyWriter(plan.keys);
    this.#sequence = new KeySequence(plan.keys, share, () =>
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
