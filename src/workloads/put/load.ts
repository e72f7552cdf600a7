/**
 * Sends the puts of the put workload: one random value for the whole run, as upstream, under changing
 * keys; where sizes vary, each put has its beginning.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { SeedStream } from "../../random.ts";
import type { RequestSource } from "../parts/calls/single-calls.ts";
import { singleCalls } from "../parts/calls/single-calls.ts";
import { KeySequence, KeyWriter } from "../parts/keys/key-writer.ts";
import { PutTemplate } from "../parts/keys/put-template.ts";
import { VersionedKeys } from "../parts/keys/versioned-keys.ts";
import { replayedKeys } from "../parts/keys/written-keys.ts";
import type { PutWorkload } from "./schema.ts";

const KEYS = new SeedStream("put.keys");
const SIZES = new SeedStream("put.sizes");

export class Put implements RequestSource {
  readonly #put: PutTemplate;
  /** Null where all values have one size. */
  readonly #turns: VersionedKeys | null;
  readonly #sequence: KeySequence;
  readonly #writer: KeyWriter;

  constructor(
    plan: PutWorkload,
    seed: number,
    share: WorkerShare,
    transport: Transport,
    mode: CallMode = CallMode.UNARY,
  ) {
    const { keySizeBytes, keySpaceSize } = plan.keys;
    this.#put = new PutTemplate(transport, {
      key: Buffer.alloc(keySizeBytes, 0xff),
      values: plan,
      seed,
      sizes: SIZES.random(seed, share.workerIndex),
      mode,
    });
    this.#turns = plan.valueSize === null ? null : new VersionedKeys(keySpaceSize);
    this.#writer = new KeyWriter(plan.keys);
    this.#sequence = new KeySequence(plan.keys, share, () => KEYS.random(seed, share.workerIndex));
  }

  /** The ticket is the key's index, with its turn where sizes vary. */
  next(): number {
    return this.ticketOf(this.#sequence.next());
  }

  /** For a put of that key. */
  ticketOf(index: number): number {
    return this.#turns === null ? index : this.#turns.next(index);
  }

  request(ticket: number): RequestTemplate {
    const index = this.#turns === null ? ticket : this.#turns.indexOf(ticket);
    const { template, keyOffset } = this.#put;
    this.#writer.write(index, template.bytes, keyOffset);
    this.#put.takeSize(ticket);
    return template;
  }

  restart(): void {
    this.#sequence.restart();
    this.#turns?.restart();
  }
}

export interface PutSpec extends OperationSpec {
  kind: "put";
  put: PutWorkload;
}

export const putLoad: Load<PutSpec> = {
  kind: "put",
  make: ({ put }, context) =>
    singleCalls(new Put(put, context.seed, context.share, context.transport), context),
  writtenKeys: (spec, share, seed, begun) =>
    replayedKeys(putLoad, spec, share, seed, [Math.max(0, ...begun)]),
};
