/**
 * Owns workloads that mix kinds of operations: each is one unary call in the client's own slot, of
 * a kind drawn by weight from the seed. Series k + 1 is the k-th kind's, series 0 all together.
 */
import type { Random } from "../random.ts";
import type { RequestTemplate, Transport } from "../transport.ts";
import type { RequestSource } from "./single-calls.ts";
import type { Operations, Workload } from "./workload.ts";

export interface MixedKind {
  source: RequestSource;
  /** Relative to the others'; 0: never. */
  weight: number;
}

export class MixedCalls implements Workload {
  readonly #sources: readonly RequestSource[];
  /** The sum of the weights up to and with each kind. */
  readonly #upTo: Float64Array;
  readonly #makeRandom: () => Random;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #kinds: Uint8Array;
  readonly #tickets: Float64Array;
  #random: Random;

  /** `makeRandom` yields the same generator anew each time, for `restart`. */
  constructor(
    kinds: readonly MixedKind[],
    makeRandom: () => Random,
    clients: number,
    operations: Operations,
    transport: Transport,
  ) {
    this.#sources = kinds.map(({ source }) => source);
    let sum = 0;
    this.#upTo = Float64Array.from(kinds, ({ weight }) => {
      sum += weight;
      return sum;
    });
    this.#makeRandom = makeRandom;
    this.#random = makeRandom();
    this.#operations = operations;
    this.#transport = transport;
    this.#kinds = new Uint8Array(clients);
    this.#tickets = new Float64Array(clients);
  }

  begin(client: number, nowNs: number): void {
    const kind = this.#drawKind();
    this.#kinds[client] = kind;
    this.#tickets[client] = this.#sources[kind]!.next();
    this.#operations.call(client, client, this.#request(client), nowNs);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    this.#operations.end(slot, status, message, nowNs, this.seriesOf(slot));
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const { counted } = this.#sources[this.#kinds[slot]!]!;
    if (counted !== undefined) {
      this.#operations.count(this.seriesOf(slot), counted.name, counted.read(bytes, start, end));
    }
  }

  onCallUnprocessed(slot: number): void {
    this.#operations.resend(slot, this.#request(slot));
  }

  cancel(client: number): void {
    this.#transport.cancel(client);
  }

  seriesOf(client: number): number {
    return this.#kinds[client]! + 1;
  }

  restart(): void {
    this.#random = this.#makeRandom();
    for (const source of this.#sources) source.restart();
  }

  #request(client: number): RequestTemplate {
    return this.#sources[this.#kinds[client]!]!.request(this.#tickets[client]!);
  }

  #drawKind(): number {
    const last = this.#upTo.length - 1;
    const drawn = this.#random() * this.#upTo[last]!;
    let kind = 0;
    while (kind < last && drawn >= this.#upTo[kind]!) kind += 1;
    return kind;
  }
}
