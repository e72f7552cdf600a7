/** Owns the operation that opens a worker's watches, each timed from its request to its answer. */
import { Status } from "../../wire/grpc-status.ts";
import type { Operations, Workload } from "../workload.ts";
import type { ApiServer } from "./api-server.ts";
import type { ResourceWatches } from "./resource-watches.ts";

const NOBODY = -1;

export class WatchCreation implements Workload {
  readonly #watches: ResourceWatches;
  /** By watcher, and the other way round. */
  readonly #clientOf: Int32Array;
  readonly #watcherOf: Int32Array;
  #next = 0;

  constructor({ watches, place }: ApiServer, operations: Operations) {
    this.#watches = watches;
    this.#clientOf = new Int32Array(watches.count).fill(NOBODY);
    this.#watcherOf = new Int32Array(place.clients).fill(NOBODY);
    watches.onCreated = (watcher, status, message, nowNs) => {
      const client = this.#clientOf[watcher]!;
      // Past its deadline the client has gone on without it.
      if (client === NOBODY) return;
      this.#clientOf[watcher] = NOBODY;
      operations.end(client, status, message, nowNs);
    };
  }

  get setUpShare(): number {
    return this.#watches.count;
  }

  begin(client: number, nowNs: number): void {
    const watcher = this.#next;
    this.#next += 1;
    this.#clientOf[watcher] = client;
    this.#watcherOf[client] = watcher;
    this.#watches.create(watcher, client, nowNs);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    this.#watches.onStreamEnd(slot, status, message, nowNs);
  }

  onCallUnprocessed(slot: number, nowNs: number): void {
    this.#watches.onStreamEnd(slot, Status.UNAVAILABLE, "the server refused the stream", nowNs);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    this.#watches.onMessage(slot, bytes, start, end, nowNs);
  }

  cancel(client: number): void {
    this.#clientOf[this.#watcherOf[client]!] = NOBODY;
  }

  restart(): void {
    this.#watches.beginPhase(false);
    this.#next = 0;
  }
}
