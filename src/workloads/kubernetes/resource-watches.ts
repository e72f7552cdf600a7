/**
 * Keeps a worker's watches, each of one resource's folder on a stream of its own, with previous values
 * and progress notifications, from after the newest revision that the worker has seen. Of the events,
 * the worker tracks those of its own writes; those of other workers' writes are received and counted.
 */

import { CallMode, type RequestTemplate, Status, statusName, type Transport } from "#wire";
import type { Operations } from "../../load/workload.ts";
import { encodeMessage } from "../../protos.ts";
import type { LossCause } from "../../stats/distinct-counts.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../parts/calls/padded-varint.ts";
import { WATCHED_NUMBERS } from "../parts/watching/series.ts";
import type { CreatableWatchers, OnCreated } from "../parts/watching/watch-create.ts";
import { WatchResponseReader } from "../parts/watching/watch-response.ts";
import type { ApiServer } from "./api-server.ts";
import { folderRange } from "./registry-keys.ts";
import { type KubernetesSpec, watchersOfWorker } from "./spec.ts";
import { readValueHeader, valueHeader } from "./value-header.ts";

const { delivery: DELIVERY } = WATCHED_NUMBERS;

const State = { NONE: 0, CREATING: 1, ALIVE: 2, LOST: 3 } as const;

export class ResourceWatches implements CreatableWatchers {
  readonly count: number;
  onCreated: OnCreated = () => {};
  readonly #server: ApiServer;
  readonly #runToken: number;
  readonly #workers: number;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #reader = new WatchResponseReader();
  /** By resource: the request, and the offset of its start revision. */
  readonly #templates: RequestTemplate[];
  readonly #revisionOffsets: number[];
  readonly #eventsPlace: number;
  /** By watcher; watcher w is of resource w modulo the resources. */
  readonly #state: Uint8Array;
  #isMeasuring = false;
  /** Lost where nothing counted them. */
  readonly #unreportedLost: { cause: LossCause; reason: string }[] = [];

  constructor(
    { plan, workers, token }: KubernetesSpec,
    server: ApiServer,
    operations: Operations,
    transport: Transport,
  ) {
    this.#server = server;
    this.#workers = workers;
    this.#runToken = token;
    this.#operations = operations;
    this.#transport = transport;
    this.count = watchersOfWorker(plan);
    this.#state = new Uint8Array(this.count);
    this.#eventsPlace = server.resource("events").place;
    this.#revisionOffsets = [];
    this.#templates = server.resources.map(({ keys }) => {
      const message = encodeMessage("etcdserverpb.WatchRequest", {
        createRequest: {
          ...folderRange(keys.folder),
          startRevision: PLACEHOLDER_VALUE,
          progressNotify: true,
          prevKv: true,
        },
      });
      const path = "/etcdserverpb.Watch/Watch";
      const template = transport.template(path, message, CallMode.STREAM);
      this.#revisionOffsets.push(template.messageOffset + message.indexOf(PLACEHOLDER));
      return template;
    });
  }

  /** Whether what happens from now on is in the figures of a phase of writes. */
  beginPhase(isMeasuring: boolean): void {
    this.#isMeasuring = isMeasuring;
    if (isMeasuring) this.#reportLost();
  }

  get places(): number {
    return this.count;
  }

  nth(n: number): number {
    return n;
  }

  /** Asks for the watcher, on behalf of a client's operation; `onCreated` hears of the answer. */
  create(watcher: number, nowNs: number, client: number): void {
    this.#state[watcher] = State.CREATING;
    const slot = this.#server.place.firstSlot + watcher;
    this.#operations.call(client, slot, this.#request(watcher), nowNs);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    const reader = this.#reader;
    const watcher = slot - this.#server.place.firstSlot;
    if (!reader.open(bytes, start, end)) {
      this.#drop(slot, Status.INTERNAL, reader.fault, nowNs);
      return;
    }
    if (reader.isCanceled) {
      const isAsked = this.#state[watcher] === State.CREATING;
      if (isAsked && this.#transport.messageRefused?.(slot, reader.cancelReason)) return;
      this.#drop(slot, Status.ABORTED, reader.cancelReason, nowNs, "cancelled");
      return;
    }
    if (reader.isCreated && this.#state[watcher] === State.CREATING) {
      this.#state[watcher] = State.ALIVE;
      this.#server.deliveries.alive(watcher, this.#resourceOf(watcher), 1);
      this.onCreated(watcher, Status.OK, "", nowNs);
    }
    let events = 0;
    while (reader.nextEvent()) {
      events += 1;
      this.#event(watcher, bytes, nowNs);
    }
    if (reader.fault !== "") this.#drop(slot, Status.INTERNAL, reader.fault, nowNs);
    else if (events === 0 && !reader.isCreated) {
      this.#operations.count(DELIVERY, "progressNotifications", 1);
    }
  }

  /** A stream has ended, and its watcher with it. */
  onStreamEnd(
    slot: number,
    status: number,
    message: string,
    nowNs: number,
    cause: LossCause = "stream-ended",
  ): void {
    const watcher = slot - this.#server.place.firstSlot;
    const state = this.#state[watcher];
    this.#state[watcher] = State.LOST;
    const failure = status === Status.OK ? Status.UNAVAILABLE : status;
    const words = message === "" ? "the server ended the stream" : message;
    if (state === State.CREATING) this.onCreated(watcher, failure, words, nowNs);
    if (state !== State.ALIVE) return;
    this.#server.deliveries.alive(watcher, this.#resourceOf(watcher), -1);
    const reason = cause === "cancelled" ? words : `${statusName(failure)}: ${words}`;
    this.#unreportedLost.push({ cause, reason });
    if (this.#isMeasuring) this.#reportLost();
  }

  onStreamUnprocessed(slot: number, nowNs: number, isTokenRenewed: boolean): void {
    const watcher = slot - this.#server.place.firstSlot;
    if (isTokenRenewed && this.#state[watcher] === State.CREATING) {
      this.#operations.resend(slot, this.#request(watcher));
    } else {
      this.onStreamEnd(slot, Status.UNAVAILABLE, "the server refused the stream", nowNs);
    }
  }

  #request(watcher: number): RequestTemplate {
    const resource = this.#resourceOf(watcher);
    const template = this.#templates[resource]!;
    writePadded(template.bytes, this.#revisionOffsets[resource]!, this.#server.newestRevision + 1);
    return template;
  }

  #event(watcher: number, bytes: Uint8Array, nowNs: number): void {
    const { deliveries, leases, resources, place } = this.#server;
    const { isDelete, modRevision } = this.#reader;
    const start = isDelete ? this.#reader.prevValueStart : this.#reader.valueStart;
    const end = isDelete ? this.#reader.prevValueEnd : this.#reader.valueEnd;
    if (!readValueHeader(bytes, start, end, this.#runToken, this.#workers)) {
      this.#operations.count(DELIVERY, "foreign", 1);
      return;
    }
    const { workerIndex, number, reference } = valueHeader;
    if (workerIndex !== place.workerIndex) {
      this.#operations.count(DELIVERY, "ofOtherWorkers", 1);
      return;
    }
    const resource = this.#resourceOf(watcher);
    if (!isDelete) {
      deliveries.delivered(watcher, resource, number, modRevision, nowNs);
    } else if (resource === this.#eventsPlace) {
      leases.expired(reference, nowNs);
    } else {
      const { objects } = resources[resource]!;
      const deletion = objects.deletionOf(reference, number);
      if (deletion < 0) {
        this.#operations.count(DELIVERY, "foreign", 1);
        return;
      }
      deliveries.delivered(watcher, resource, deletion, modRevision, nowNs);
      objects.sawDeletion(reference);
    }
  }

  /** The watch is of no use any more. */
  #drop(slot: number, status: number, reason: string, nowNs: number, cause?: LossCause): void {
    this.#transport.cancel(slot);
    this.onStreamEnd(slot, status, reason, nowNs, cause);
  }

  #reportLost(): void {
    for (const { cause, reason } of this.#unreportedLost.splice(0)) {
      this.#operations.lost(DELIVERY, cause, reason, 1);
    }
  }

  #resourceOf(watcher: number): number {
    return watcher % this.#server.resources.length;
  }
}
