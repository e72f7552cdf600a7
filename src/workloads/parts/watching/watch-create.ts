/**
 * Opens a worker's watchers, one after the other on behalf of its clients, each timed from its request
 * to its `created` answer.
 */
import type { Operations, Workload } from "../../../load/workload.ts";

/** Hears how creations end. */
export type OnCreated = (watcher: number, status: number, message: string, nowNs: number) => void;

/** The watchers that there are to be, each a small integer. */
export interface CreatableWatchers {
  /** One more than the highest of them. */
  readonly places: number;
  /** How many there are to be. */
  readonly count: number;
  onCreated: OnCreated;
  /** The n-th to be created. */
  nth(n: number): number;
  /** Asks for it on behalf of the client's operation; `onCreated` hears of the answer. */
  create(watcher: number, nowNs: number, client: number): void;
  /** Those that were asked for on the slot's stream and have no answer; absent: it has one watcher. */
  creatingOn?(slot: number): Iterable<number>;
  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void;
  onStreamEnd(slot: number, status: number, message: string, nowNs: number): void;
  /** The server has not processed the stream; with `isTokenRenewed` it may begin again. */
  onStreamUnprocessed(slot: number, nowNs: number, isTokenRenewed: boolean): void;
  /** A phase begins, in whose figures watchers that are lost are counted, or not. */
  beginPhase(countsLost: boolean): void;
}

const NONE = -1;

export class WatchCreate implements Workload {
  readonly #watchers: CreatableWatchers;
  /** By watcher, and the other way round. */
  readonly #clientOf: Int32Array;
  readonly #watcherOf: Int32Array;
  #next = 0;

  constructor(watchers: CreatableWatchers, operations: Operations, clients: number) {
    this.#watchers = watchers;
    this.#clientOf = new Int32Array(watchers.places).fill(NONE);
    this.#watcherOf = new Int32Array(clients).fill(NONE);
    watchers.onCreated = (watcher, status, message, nowNs) => {
      const client = this.#clientOf[watcher]!;
      // Past its deadline the client has gone on without it.
      if (client === NONE) return;
      this.#clientOf[watcher] = NONE;
      operations.end(client, status, message, nowNs);
    };
  }

  /** Streams, not clients, say how many watchers this worker creates. */
  get setUpShare(): number {
    return this.#watchers.count;
  }

  begin(client: number, nowNs: number): void {
    const watcher = this.#watchers.nth(this.#next);
    this.#next += 1;
    this.#clientOf[watcher] = client;
    this.#watcherOf[client] = watcher;
    this.#watchers.create(watcher, nowNs, client);
  }

  *joinedTo(slot: number): Generator<number> {
    for (const watcher of this.#watchers.creatingOn?.(slot) ?? []) {
      const client = this.#clientOf[watcher]!;
      if (client !== NONE) yield client;
    }
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    this.#watchers.onStreamEnd(slot, status, message, nowNs);
  }

  onCallUnprocessed(slot: number, nowNs: number, isTokenRenewed: boolean): void {
    this.#watchers.onStreamUnprocessed(slot, nowNs, isTokenRenewed);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    this.#watchers.onMessage(slot, bytes, start, end, nowNs);
  }

  /** The stream goes on, for the watchers that it has already. */
  cancel(client: number): void {
    this.#clientOf[this.#watcherOf[client]!] = NONE;
  }

  restart(): void {
    this.#watchers.beginPhase(false);
    this.#next = 0;
  }
}
