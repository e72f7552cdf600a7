/**
 * Writes objects: creation, update and deletion as optimistic transactions. One that meets a conflict
 * is sent again from etcd's answer, without another get, as the API server does it.
 */
import { type RequestTemplate, Status } from "#wire";
import type { ApiServer, Resource } from "./api-server.ts";
import type { ObjectWrite } from "./object-requests.ts";
import { sizeClass } from "./object-sizes.ts";
import type { Part, PartHost } from "./part.ts";
import { readTxnAnswer, txnAnswer } from "./txn-answer.ts";
import { readValueHeader, valueHeader } from "./value-header.ts";

export const Action = { CREATE: 0, UPDATE: 1, DELETE: 2 } as const;
export type Action = (typeof Action)[keyof typeof Action];

/** No write of this worker. */
const UNKNOWN_WRITE = -1;

export class ObjectWriter implements Part {
  readonly #server: ApiServer;
  readonly #host: PartHost;
  readonly #write: ObjectWrite;
  /** By client. */
  readonly #action: Uint8Array;
  readonly #resource: Uint8Array;
  readonly #slot: Int32Array;
  /** Of the object, which a deletion takes from the slot. */
  readonly #number: Float64Array;
  readonly #revision: Float64Array;
  readonly #writeNumber: Float64Array;
  /** What the answer says. */
  readonly #succeeded: Uint8Array;
  readonly #answerRevision: Float64Array;
  readonly #foundRevision: Float64Array;
  readonly #foundWrite: Float64Array;

  constructor(server: ApiServer, host: PartHost) {
    this.#server = server;
    this.#host = host;
    this.#write = {
      number: 0,
      sizeClass: 0,
      modRevision: 0,
      writeNumber: 0,
      reference: 0,
    };
    const { clients } = server.place;
    this.#action = new Uint8Array(clients);
    this.#resource = new Uint8Array(clients);
    this.#slot = new Int32Array(clients);
    this.#number = new Float64Array(clients);
    this.#revision = new Float64Array(clients);
    this.#writeNumber = new Float64Array(clients);
    this.#succeeded = new Uint8Array(clients);
    this.#answerRevision = new Float64Array(clients);
    this.#foundRevision = new Float64Array(clients);
    this.#foundWrite = new Float64Array(clients);
  }

  /** `isOutdated`: it is sent with the revision before the object's last write first. */
  start(
    client: number,
    action: Action,
    resource: Resource,
    slot: number,
    isOutdated: boolean,
    nowNs: number,
  ): void {
    const { objects } = resource;
    objects.setBusy(slot, true);
    this.#action[client] = action;
    this.#resource[client] = resource.place;
    this.#slot[client] = slot;
    this.#number[client] = objects.number(slot);
    this.#revision[client] = isOutdated ? objects.revisionBefore(slot) : objects.modRevision(slot);
    this.#send(client, nowNs);
  }

  /** The object that the client's last write was of. */
  slotOf(client: number): number {
    return this.#slot[client]!;
  }

  request(client: number): RequestTemplate {
    const { requests, sizeClasses } = this.#resourceOf(client);
    const slot = this.#slot[client]!;
    const write = this.#write;
    write.number = this.#number[client]!;
    write.sizeClass = sizeClass(this.#server.place.seed, write.number, sizeClasses);
    write.modRevision = this.#revision[client]!;
    write.writeNumber = this.#writeNumber[client]!;
    write.reference = slot;
    switch (this.#action[client] as Action) {
      case Action.CREATE:
        return requests.create(write);
      case Action.UPDATE:
        return requests.update(write);
      case Action.DELETE:
        return requests.delete(write);
    }
  }

  onCallSent(client: number, nowNs: number): void {
    this.#server.deliveries.sent(this.#writeNumber[client]!, nowNs);
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number): void {
    readTxnAnswer(bytes, start, end);
    this.#succeeded[client] = txnAnswer.succeeded ? 1 : 0;
    this.#answerRevision[client] = txnAnswer.revision;
    this.#foundRevision[client] = txnAnswer.modRevision;
    this.#foundWrite[client] = UNKNOWN_WRITE;
    const { token } = this.#server;
    const { valueStart, valueEnd } = txnAnswer;
    if (txnAnswer.modRevision > 0 && readValueHeader(bytes, valueStart, valueEnd, token, 1)) {
      this.#foundWrite[client] = valueHeader.number;
    }
  }

  onAnswered(client: number, nowNs: number): void {
    this.#server.saw(this.#answerRevision[client]!);
    if (this.#succeeded[client] === 1) {
      this.#took(client, nowNs);
      this.#host.done(client, nowNs);
    } else if (this.#action[client] === Action.CREATE) {
      this.#refused(client, null);
      this.#host.fail(client, Status.ALREADY_EXISTS, "the object to create exists", nowNs);
    } else {
      this.#conflicted(client, nowNs);
    }
  }

  onFailed(client: number, nowNs: number): void {
    this.#refused(client, nowNs);
  }

  #send(client: number, nowNs: number): void {
    const resource = this.#resourceOf(client);
    const writeNumber = this.#server.deliveries.put(
      resource.place,
      nowNs,
      this.#host.dueNs(client),
    );
    this.#writeNumber[client] = writeNumber;
    if (this.#action[client] === Action.DELETE) {
      resource.objects.deleting(this.#slot[client]!, writeNumber);
    }
    if (this.#action[client] !== Action.CREATE) this.#host.count(client, "attempts", 1);
    this.#host.call(client, this.request(client), nowNs);
  }

  /** The write took effect. */
  #took(client: number, nowNs: number): void {
    const { deliveries } = this.#server;
    const { objects, place } = this.#resourceOf(client);
    const slot = this.#slot[client]!;
    const writeNumber = this.#writeNumber[client]!;
    switch (this.#action[client] as Action) {
      case Action.CREATE:
        objects.wrote(slot, this.#answerRevision[client]!, writeNumber);
        break;
      case Action.UPDATE:
        objects.wrote(slot, this.#answerRevision[client]!, writeNumber);
        objects.lastUpdated = slot;
        break;
      case Action.DELETE:
        objects.remove(slot, deliveries.watchersOf(place));
        break;
    }
    objects.setBusy(slot, false);
    deliveries.acked(writeNumber, nowNs);
  }

  /** The object is at another revision: it is tried again from there. */
  #conflicted(client: number, nowNs: number): void {
    const { deliveries } = this.#server;
    const { objects } = this.#resourceOf(client);
    const slot = this.#slot[client]!;
    deliveries.failed(this.#writeNumber[client]!);
    this.#host.count(client, "conflicts", 1);
    const revision = this.#foundRevision[client]!;
    if (revision === 0) {
      objects.setBusy(slot, false);
      objects.remove(slot, 0);
      this.#host.fail(client, Status.NOT_FOUND, "the object is gone", nowNs);
      return;
    }
    // Another writer changed the key.
    if (revision !== objects.modRevision(slot)) {
      objects.wrote(slot, revision, this.#foundWrite[client]!);
    }
    this.#revision[client] = revision;
    this.#send(client, nowNs);
  }

  /** It took no effect, or that is unknown. */
  #refused(client: number, nowNs: number | null): void {
    const { objects } = this.#resourceOf(client);
    const slot = this.#slot[client]!;
    this.#server.deliveries.failed(this.#writeNumber[client]!, nowNs);
    objects.setBusy(slot, false);
    if (this.#action[client] === Action.CREATE) objects.remove(slot, 0);
  }

  #resourceOf(client: number): Resource {
    return this.#server.resources[this.#resource[client]!]!;
  }
}
