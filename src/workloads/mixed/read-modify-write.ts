/**
 * Sends read-modify-writes: a key is read and then put again, in two calls of the client's own slot
 * that are one operation. Nothing keeps others from putting the key between the two.
 */
import { type RequestTemplate, Status, type Transport } from "#wire";
import { seriesHandles } from "../../load/series-handles.ts";
import type { Operations, Workload } from "../../load/workload.ts";
import type { RangeKey } from "../parts/keys/range-key.ts";
import type { Put } from "../put/load.ts";

const HANDLES = seriesHandles("whole", "read", "put");
const { read: READ, put: PUT } = HANDLES.numbers;

export const RMW_SERIES: readonly string[] = HANDLES.names({
  ...{ whole: "rmw", read: "rmw-range", put: "rmw-put" },
});

export class ReadModifyWrite implements Workload {
  readonly #reads: RangeKey;
  readonly #puts: Put;
  readonly #operations: Operations;
  readonly #transport: Transport;
  /** By client: the current call, its ticket, and when it was sent. */
  readonly #step: Uint8Array;
  readonly #ticket: Float64Array;
  readonly #stepNs: Float64Array;

  constructor(
    reads: RangeKey,
    puts: Put,
    clients: number,
    operations: Operations,
    transport: Transport,
  ) {
    this.#reads = reads;
    this.#puts = puts;
    this.#operations = operations;
    this.#transport = transport;
    this.#step = new Uint8Array(clients);
    this.#ticket = new Float64Array(clients);
    this.#stepNs = new Float64Array(clients);
  }

  begin(client: number, nowNs: number): void {
    this.#reads.reader.begin(client);
    this.#call(client, READ, this.#reads.next(), nowNs);
  }

  onCallSent(client: number, nowNs: number): void {
    this.#stepNs[client] = nowNs;
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number): void {
    this.#reads.reader.read(client, bytes, start, end);
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    const step = this.#step[client]!;
    const fault = step === READ ? this.#reads.reader.ended(client, status, this.#operations) : "";
    if (fault !== "") {
      this.#fail(client, Status.INTERNAL, fault, nowNs);
    } else if (status !== Status.OK) {
      this.#fail(client, status, message, nowNs);
    } else {
      this.#operations.sample(step, nowNs - this.#stepNs[client]!, this.#lateNs(client));
      if (step === PUT) this.#operations.end(client, status, message, nowNs);
      else this.#call(client, PUT, this.#puts.ticketOf(this.#ticket[client]!), nowNs);
    }
  }

  onCallUnprocessed(client: number): void {
    if (this.#step[client] === READ) this.#reads.reader.begin(client);
    this.#operations.resend(client, this.#request(client));
  }

  requestOf(client: number): RequestTemplate {
    return this.#request(client);
  }

  cancel(client: number, nowNs: number, status: number, message: string): void {
    this.#transport.cancel(client);
    this.#failStep(client, status, message, nowNs);
  }

  onDropped(waitedNs: number): void {
    this.#operations.dropped(READ, waitedNs);
  }

  restart(): void {
    this.#reads.restart();
    this.#puts.restart();
  }

  #fail(client: number, status: number, message: string, nowNs: number): void {
    this.#failStep(client, status, message, nowNs);
    this.#operations.end(client, status, message, nowNs);
  }

  #failStep(client: number, status: number, message: string, nowNs: number): void {
    const tookNs = nowNs - this.#stepNs[client]!;
    const step = this.#step[client]!;
    this.#operations.fail(step, tookNs, status, message, this.#lateNs(client));
  }

  /** The read is due with its operation, the put when the read has ended. */
  #lateNs(client: number): number {
    if (this.#step[client] !== READ) return 0;
    return this.#stepNs[client]! - this.#operations.dueNs(client);
  }

  #call(client: number, step: number, ticket: number, nowNs: number): void {
    this.#step[client] = step;
    this.#ticket[client] = ticket;
    this.#stepNs[client] = nowNs;
    this.#operations.call(client, client, this.#request(client), nowNs);
  }

  #request(client: number): RequestTemplate {
    const source = this.#step[client] === READ ? this.#reads : this.#puts;
    return source.request(this.#ticket[client]!);
  }
}
