/**
 * Sends inserts: puts of keys that are not there yet, after the key space. A phase that starts over
 * goes on with new ones, since those of the phase before are there.
 */

import type { RequestTemplate, Transport } from "#wire";
import type { KeySpace } from "../../plan/key-space.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import type { Values } from "../../plan/value-size.ts";
import { SeedStream } from "../../random.ts";
import type { RequestSource } from "../parts/calls/single-calls.ts";
import { KeyWriter } from "../parts/keys/key-writer.ts";
import { PutTemplate } from "../parts/keys/put-template.ts";
import type { Inserts } from "./inserts.ts";

const SIZES = new SeedStream("insert.sizes");

export class Insert implements RequestSource {
  readonly #inserts: Inserts;
  readonly #put: PutTemplate;
  readonly #writer: KeyWriter;

  constructor(
    { keys, ...values }: { keys: KeySpace } & Values,
    inserts: Inserts,
    seed: number,
    share: WorkerShare,
    transport: Transport,
  ) {
    this.#inserts = inserts;
    this.#put = new PutTemplate(transport, {
      key: Buffer.alloc(keys.keySizeBytes, 0xff),
      values,
      seed,
      sizes: SIZES.random(seed, share.workerIndex),
    });
    this.#writer = new KeyWriter(keys);
  }

  /** The ticket is the place among the worker's inserts. */
  next(client: number): number {
    return this.#inserts.begin(client);
  }

  request(ticket: number): RequestTemplate {
    const { template, keyOffset } = this.#put;
    this.#writer.write(this.#inserts.indexOf(ticket), template.bytes, keyOffset);
    this.#put.takeSize(ticket);
    return template;
  }

  ended(client: number): void {
    this.#inserts.end(client);
  }

  restart(): void {
    // What is inserted stays.
  }
}
