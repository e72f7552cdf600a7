/**
 * Sends the most common workload: each operation is one unary call in the client's own slot. Its
 * content comes from a `RequestSource`.
 */
import { type RequestTemplate, Status, type Transport } from "#wire";
import type { LoadContext } from "../../../load/load.ts";
import type { Operations, Workload } from "../../../load/workload.ts";
import type { AnswerReader } from "./answer-readers.ts";

/** Fills a request template in place for each send, and keeps no per-request objects. */
export interface RequestSource {
  /**
   * Chooses the next request: returns its ticket, a number from which `request` can make it again
   * should the server hand it back unprocessed.
   */
  next(client: number): number;
  /** The bytes of the ticket's request, valid until the next call. */
  request(ticket: number): RequestTemplate;
  restart(): void;
  /** The request of `next` for the client has its answer, or gets none. */
  ended?(client: number): void;
  /** Reads the answers, where the template asks for them. */
  readonly reader?: AnswerReader;
}

export class SingleCalls implements Workload {
  readonly #source: RequestSource;
  readonly #reader: AnswerReader | undefined;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #tickets: Float64Array;

  constructor(
    source: RequestSource,
    clients: number,
    operations: Operations,
    transport: Transport,
  ) {
    this.#source = source;
    this.#reader = source.reader;
    this.#operations = operations;
    this.#transport = transport;
    this.#tickets = new Float64Array(clients);
  }

  begin(client: number, nowNs: number): void {
    const ticket = this.#source.next(client);
    this.#tickets[client] = ticket;
    this.#reader?.begin(client);
    this.#operations.call(client, client, this.#source.request(ticket), nowNs);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    const fault = this.#reader?.ended(slot, status, this.#operations) ?? "";
    this.#source.ended?.(slot);
    if (fault === "") this.#operations.end(slot, status, message, nowNs);
    else this.#operations.end(slot, Status.INTERNAL, fault, nowNs);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number): void {
    this.#reader?.read(slot, bytes, start, end);
  }

  onCallUnprocessed(slot: number): void {
    this.#reader?.begin(slot);
    this.#operations.resend(slot, this.#source.request(this.#tickets[slot]!));
  }

  requestOf(client: number): RequestTemplate {
    return this.#source.request(this.#tickets[client]!);
  }

  cancel(client: number): void {
    this.#transport.cancel(client);
    this.#source.ended?.(client);
  }

  restart(): void {
    this.#source.restart();
  }
}

/** The calls of a source, one after another for each client of the worker. */
export function singleCalls(
  source: RequestSource,
  { share, operations, transport }: LoadContext,
): SingleCalls {
  return new SingleCalls(source, share.clientConnections.length, operations, transport);
}
