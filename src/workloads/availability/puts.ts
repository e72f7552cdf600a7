/** Puts, each of a key of its own whose value names it again. */
import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations } from "../../load/workload.ts";
import { SeedStream } from "../../random.ts";
import { headerRevision } from "../parts/calls/header-revision.ts";
import { PutTemplate } from "../parts/keys/put-template.ts";
import {
  type Acknowledged,
  type Ended,
  keyOf,
  type RequestKind,
  type RowValues,
  writeNumber,
} from "./request-kind.ts";

const SIZES = new SeedStream("availability.sizes");

export interface PutsOptions {
  prefix: Uint8Array;
  valSizeBytes: number;
  seed: number;
  /** Keys go on from phase to phase, so that none is put twice. */
  firstNumber: number;
}

export class Puts implements RequestKind {
  readonly #template: PutTemplate;
  readonly #prefixBytes: number;
  readonly #rows: RowValues;
  readonly #acknowledged: Acknowledged;
  readonly #operations: Operations;
  readonly #ended: Ended;
  #next: number;

  constructor(
    { prefix, valSizeBytes, seed, firstNumber }: PutsOptions,
    rows: RowValues,
    acknowledged: Acknowledged,
    operations: Operations,
    transport: Transport,
    ended: Ended,
  ) {
    this.#prefixBytes = prefix.length;
    this.#rows = rows;
    this.#acknowledged = acknowledged;
    this.#operations = operations;
    this.#ended = ended;
    this.#next = firstNumber;
    this.#template = new PutTemplate(transport, {
      key: keyOf(prefix, 0),
      values: { valSizeBytes, valueSize: null },
      seed,
      sizes: SIZES.random(seed),
      mode: CallMode.UNARY_ANSWER,
    });
  }

  begin(client: number, slot: number, _attachment: number, nowNs: number): void {
    this.#rows.number[client] = this.#next++;
    this.#operations.call(client, slot, this.requestOf(client), nowNs);
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number): void {
    this.#rows.revision[client] = headerRevision(bytes, start, end);
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    if (status === Status.OK) {
      const { number, revision } = this.#rows;
      const acknowledged = this.#acknowledged;
      acknowledged.put = number[client]!;
      acknowledged.putRevision = Math.max(acknowledged.putRevision, revision[client]!);
      acknowledged.revision = Math.max(acknowledged.revision, revision[client]!);
    }
    this.#ended(client, status, message, nowNs);
  }

  resend(client: number, slot: number): void {
    this.#operations.resend(slot, this.requestOf(client));
  }

  cancelled(): void {
    // Nothing is kept of it.
  }

  requestOf(client: number): RequestTemplate {
    const { template, keyOffset, valueOffset } = this.#template;
    const number = this.#rows.number[client]!;
    writeNumber(template.bytes, keyOffset + this.#prefixBytes, number);
    writeNumber(template.bytes, valueOffset, number);
    return template;
  }
}
