/** Counts what is in the answers to single calls: keys and octets received, or one field. */
import { Status } from "#wire";
import type { Operations } from "../../../load/workload.ts";
import { varintField } from "./protobuf-fields.ts";
import { NO_RANGE_RESPONSE, RangeAnswers, type RangeAnswersOptions } from "./range-answers.ts";

/** Reads answers while they come in; what a client's answer held is counted when its call has ended. */
export interface AnswerReader {
  /** The client's call is made. */
  begin(client: number): void;
  /** All of its answer, or the next piece, as the template's mode has it. */
  read(client: number, bytes: Uint8Array, start: number, end: number): void;
  /** Counts it; returns what is wrong with the answer of a call that ended well, empty without. */
  ended(client: number, status: number, operations: Operations): string;
}

/** Of ranges: how much was received, and with `countsFound` how many keys were there. */
export class RangeReader implements AnswerReader {
  readonly #answers: RangeAnswers;
  readonly #countsFound: boolean;

  constructor(clients: number, options: RangeAnswersOptions & { countsFound?: boolean } = {}) {
    this.#answers = new RangeAnswers(clients, options);
    this.#countsFound = options.countsFound ?? false;
  }

  begin(client: number): void {
    this.#answers.begin(client);
  }

  read(client: number, bytes: Uint8Array, start: number, end: number): void {
    this.#answers.read(client, bytes, start, end);
  }

  ended(client: number, status: number, operations: Operations): string {
    if (status !== Status.OK) return "";
    if (!this.#answers.isWhole(client)) return NO_RANGE_RESPONSE;
    const keys = this.#answers.keys[client]!;
    operations.received(0, keys, this.#answers.bytes[client]!);
    if (this.#countsFound) operations.count(0, "found", keys);
    return "";
  }
}

/** A field of the whole answer, a number, as a named count. */
export class FieldReader implements AnswerReader {
  readonly #name: string;
  readonly #field: number;
  readonly #amounts: Float64Array;

  constructor(name: string, field: number, clients: number) {
    this.#name = name;
    this.#field = field;
    this.#amounts = new Float64Array(clients);
  }

  begin(client: number): void {
    this.#amounts[client] = 0;
  }

  read(client: number, bytes: Uint8Array, start: number, end: number): void {
    this.#amounts[client] = varintField(bytes, start, end, this.#field);
  }

  ended(client: number, status: number, operations: Operations): string {
    if (status === Status.OK) operations.count(0, this.#name, this.#amounts[client]!);
    return "";
  }
}
