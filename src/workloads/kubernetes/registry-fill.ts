/** Fills the registry before the clock starts: each worker creates its own objects of each resource. */
import type { Transport } from "#wire";
import type { Operations, Workload } from "../../load/workload.ts";
import type { ApiServer, Resource } from "./api-server.ts";
import { Action, ObjectWriter } from "./object-writer.ts";
import type { PartHost } from "./part.ts";

export class RegistryFill implements Workload, PartHost {
  readonly #server: ApiServer;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #writer: ObjectWriter;
  /** By client: the place of the resource of which it creates an object. */
  readonly #resource: Uint8Array;
  #place = 0;
  #madeOfResource = 0;

  constructor(server: ApiServer, operations: Operations, transport: Transport) {
    this.#server = server;
    this.#operations = operations;
    this.#transport = transport;
    this.#writer = new ObjectWriter(server, this);
    this.#resource = new Uint8Array(server.place.clients);
  }

  get setUpShare(): number {
    return this.#server.resources.reduce((sum, { initial }) => sum + initial, 0);
  }

  begin(client: number, nowNs: number): void {
    const resource = this.#nextResource();
    this.#resource[client] = resource.place;
    const slot = resource.objects.reserve();
    this.#writer.start(client, Action.CREATE, resource, slot, false, nowNs);
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number): void {
    this.#writer.onMessage(client, bytes, start, end);
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    if (status === 0) {
      this.#writer.onAnswered(client, nowNs);
      return;
    }
    this.#writer.onFailed(client, nowNs);
    this.#operations.end(client, status, message, nowNs);
  }

  onCallUnprocessed(client: number): void {
    this.#operations.resend(client, this.#writer.request(client));
  }

  cancel(client: number, nowNs: number): void {
    this.#transport.cancel(client);
    this.#writer.onFailed(client, nowNs);
  }

  restart(): void {
    // It is done once.
  }

  call(client: number, template: Parameters<PartHost["call"]>[1], nowNs: number): void {
    this.#operations.call(client, client, template, nowNs);
  }

  done(client: number, nowNs: number): void {
    this.#server.resources[this.#resource[client]!]!.objects.add(this.#writer.slotOf(client));
    this.#operations.end(client, 0, "", nowNs);
  }

  fail(client: number, status: number, message: string, nowNs: number): void {
    this.#operations.end(client, status, message, nowNs);
  }

  count(): void {
    // What is created meets no conflict.
  }

  dueNs(client: number): number {
    return this.#operations.dueNs(client);
  }

  #nextResource(): Resource {
    const { resources } = this.#server;
    while (this.#madeOfResource >= resources[this.#place]!.initial) {
      this.#place += 1;
      this.#madeOfResource = 0;
    }
    this.#madeOfResource += 1;
    return resources[this.#place]!;
  }
}
