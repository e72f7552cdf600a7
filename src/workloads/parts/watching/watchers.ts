/**
 * A worker's watchers: many to a stream, told apart by the watch_id that we choose, or that the
 * server chooses in its place. It reads what the streams bring and keeps who is alive; a watcher is a
 * small integer, and all state is in arrays by it.
 */

import { Status, statusName, type Transport } from "#wire";
import { describeCut, type Until } from "../../../load/held-back.ts";
import type { Operations } from "../../../load/workload.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import type { LossCause } from "../../../stats/distinct-counts.ts";
import type { EventAccount } from "./event-account.ts";
import type { CreatableWatchers, OnCreated } from "./watch-create.ts";
import { WatchRequest } from "./watch-request.ts";
import { WatchResponseReader } from "./watch-response.ts";
import { ownStreams, ownWatchedKeys, type WatchSpec, watchersOf } from "./watched-keys.ts";

/**
 * What we call a stream's first watcher. A server that does not let clients choose, as etcd's
 * grpc-proxy does not, numbers its watchers from 0 up in the order of their requests, and so never
 * comes near.
 */
export const FIRST_WATCH_ID = 2 ** 27;

const State = {
  NONE: 0,
  CREATING: 1,
  ALIVE: 2,
  LOST: 3,
  /** It was alive, and is asked for again on a new stream, from where it was. */
  RESUMING: 4,
} as const;

/** In place of a client: none waits for the creation. In place of a watcher: there is none. */
const NONE = -1;

/** The series of the counts of watchers and messages, in any operation whose events are tracked. */
const EVENTS = 1;

export class Watchers<Account extends EventAccount> implements CreatableWatchers {
  readonly count: number;
  /** One more than the highest number that a watcher may have. */
  readonly places: number;
  readonly account: Account;
  /** The indices of the worker's watched keys; a watcher or put of "key k" has the k-th of these. */
  readonly keyIndices: readonly number[];
  /** The order in which keys are watched and put, as places in `keyIndices`. */
  readonly entries: readonly number[];
  onCreated: OnCreated = () => {};
  readonly #spec: WatchSpec;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #firstSlot: number;
  readonly #streams: number;
  readonly #reader = new WatchResponseReader();
  readonly #state: Uint8Array;
  readonly #isOpen: Uint8Array;
  /** By stream, since it was opened: how many watchers were asked for, and which, in their order. */
  readonly #asked: Uint32Array;
  readonly #inOrder: Uint32Array;
  readonly #request: WatchRequest;
  #alive = 0;
  #countsLost = false;
  /** One for each watcher that is gone. */
  readonly #lost: { cause: LossCause; reason: string }[] = [];

  constructor(
    spec: WatchSpec,
    share: WorkerShare,
    operations: Operations,
    transport: Transport,
    firstSlot: number,
    makeAccount: (watchers: number, keys: number) => Account,
  ) {
    this.#spec = spec;
    this.#operations = operations;
    this.#transport = transport;
    this.#firstSlot = firstSlot;
    const streams = ownStreams(spec, share);
    this.#streams = streams.length;
    this.count = streams.reduce((sum, stream) => sum + watchersOf(spec, stream), 0);
    this.places = this.#streams * spec.watchersPerStream;
    const own = ownWatchedKeys(spec, share);
    this.keyIndices = [...new Set(own)];
    const placeOf = new Map(this.keyIndices.map((index, place) => [index, place]));
    this.entries = own.map((index) => placeOf.get(index)!);
    this.account = makeAccount(this.places, this.keyIndices.length);
    this.#state = new Uint8Array(this.places);
    this.#isOpen = new Uint8Array(this.#streams);
    this.#asked = new Uint32Array(this.#streams);
    this.#inOrder = new Uint32Array(this.places);
    this.#request = new WatchRequest(spec, transport);
  }

  /** A phase begins, in whose series watchers that are lost are counted, or not. */
  beginPhase(countsLost: boolean): void {
    this.#countsLost = countsLost;
    // Those that an earlier phase has lost are missing in this one just as much.
    if (!countsLost) return;
    for (const { cause, reason } of this.#lost) this.#operations.lost(EVENTS, cause, reason, 1);
  }

  /** The n-th to be created: all streams get their first watcher, then all their second. */
  nth(n: number): number {
    const stream = n % this.#streams;
    return stream * this.#spec.watchersPerStream + Math.floor(n / this.#streams);
  }

  /** Asks for the watcher, on behalf of a client's operation; `onCreated` hears of the answer. */
  create(watcher: number, nowNs: number, client = NONE): void {
    const stream = this.#streamOf(watcher);
    this.#state[watcher] = State.CREATING;
    if (this.#isOpen[stream] === 0) this.#asked[stream] = 0;
    this.#writeRequest(watcher, stream);
    const slot = this.#firstSlot + stream;
    if (this.#isOpen[stream] === 1) {
      this.#transport.send(slot, this.#request.template);
    } else {
      this.#isOpen[stream] = 1;
      if (client === NONE) this.#transport.call(slot, this.#request.template);
      else this.#operations.call(client, slot, this.#request.template, nowNs);
    }
  }

  /** The watchers that were asked for on the slot's stream and have no answer yet. */
  *creatingOn(slot: number): Generator<number> {
    const first = (slot - this.#firstSlot) * this.#spec.watchersPerStream;
    for (let watcher = first; watcher < first + this.#spec.watchersPerStream; watcher++) {
      if (this.#state[watcher] === State.CREATING) yield watcher;
    }
  }

  /** A message of one of the streams. */
  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    const reader = this.#reader;
    const stream = slot - this.#firstSlot;
    if (!reader.open(bytes, start, end)) {
      this.#garbled(slot, nowNs);
      return;
    }
    if (reader.isCreated || reader.isCanceled) this.#changed(stream, nowNs);
    const watcher = this.#watcherOf(stream, reader.watchId);
    let events = 0;
    while (reader.nextEvent()) {
      events += 1;
      const key = watcher < 0 ? -1 : this.#keyOf(watcher);
      this.account.event(watcher, key, reader, bytes, nowNs);
    }
    if (reader.fault !== "") {
      this.#garbled(slot, nowNs);
    } else if (events === 0 && !reader.isCreated && !reader.isCanceled) {
      this.#operations.count(EVENTS, "progressNotifications", 1);
    }
  }

  /** A stream has ended, and its watchers with it. */
  onStreamEnd(slot: number, status: number, message: string, nowNs: number): void {
    const stream = slot - this.#firstSlot;
    this.#isOpen[stream] = 0;
    const first = stream * this.#spec.watchersPerStream;
    const failure = status === Status.OK ? Status.UNAVAILABLE : status;
    const reason = message === "" ? "the server ended the stream" : message;
    const creating: number[] = [];
    for (let watcher = first; watcher < first + this.#spec.watchersPerStream; watcher++) {
      if (this.#state[watcher] === State.CREATING) creating.push(watcher);
      else this.#lose(watcher, failure, reason, nowNs);
    }
    // Last, since the listener to these may open the stream anew for others.
    for (const watcher of creating) this.#lose(watcher, failure, reason, nowNs);
    // No watcher is left to which an event could come.
    if (this.#alive === 0 && this.account.unsettled > 0) {
      this.account.giveUp(nowNs);
      this.#operations.settled();
    }
  }

  /**
   * Asks on a new stream for all that the stream was asked for: first for those that were alive, so
   * that the listener to a creation knows that these get events again.
   */
  onStreamUnprocessed(slot: number, nowNs: number, isTokenRenewed: boolean): void {
    if (!isTokenRenewed) {
      this.onStreamEnd(slot, Status.UNAVAILABLE, "the server refused the stream", nowNs);
      return;
    }
    const stream = slot - this.#firstSlot;
    this.#asked[stream] = 0;
    this.#askAgain(stream, State.RESUMING);
    this.#askAgain(stream, State.CREATING);
    if (this.#asked[stream] === 0) this.#isOpen[stream] = 0;
  }

  #askAgain(stream: number, state: number): void {
    const slot = this.#firstSlot + stream;
    const first = stream * this.#spec.watchersPerStream;
    for (let watcher = first; watcher < first + this.#spec.watchersPerStream; watcher++) {
      if (this.#state[watcher] === State.ALIVE) this.#state[watcher] = State.RESUMING;
      if (this.#state[watcher] !== state) continue;
      this.#writeRequest(watcher, stream);
      if (this.#asked[stream] === 1) this.#operations.resend(slot, this.#request.template);
      else this.#transport.send(slot, this.#request.template);
    }
  }

  /** Watchers that were asked for and not answered have failed: the wait is over. */
  abandonCreations(status: number, until: Until, nowNs: number): void {
    for (let watcher = 0; watcher < this.places; watcher++) {
      if (this.#state[watcher] !== State.CREATING) continue;
      const slot = this.#firstSlot + this.#streamOf(watcher);
      this.#lose(watcher, status, describeCut(this.#transport, slot, until).message, nowNs);
    }
  }

  /** A watcher was created, or was refused, or the server gives it up. */
  #changed(stream: number, nowNs: number): void {
    const { watchId, isCanceled, isCreated } = this.#reader;
    let watcher = this.#watcherOf(stream, watchId);
    if (watcher < 0) {
      // A refusal may name no watcher; answers come in the order of requests.
      watcher = this.#firstUnanswered(stream);
      if (!isCanceled || watcher < 0) return;
    }
    const state = this.#state[watcher];
    if (isCanceled) {
      const isAsked = state === State.CREATING || state === State.RESUMING;
      const { cancelReason } = this.#reader;
      const slot = this.#firstSlot + stream;
      if (isAsked && this.#transport.messageRefused?.(slot, cancelReason)) return;
      this.#lose(watcher, Status.ABORTED, cancelReason, nowNs, "cancelled");
    } else if (isCreated && state === State.RESUMING) {
      this.#state[watcher] = State.ALIVE;
    } else if (isCreated && state === State.CREATING) {
      this.#state[watcher] = State.ALIVE;
      this.#alive += 1;
      this.account.alive(watcher, this.#keyOf(watcher), 1);
      this.onCreated(watcher, Status.OK, "", nowNs);
    }
  }

  #lose(
    watcher: number,
    status: number,
    message: string,
    nowNs: number,
    cause: LossCause = "stream-ended",
  ): void {
    const state = this.#state[watcher]!;
    this.#state[watcher] = State.LOST;
    if (state === State.CREATING) this.onCreated(watcher, status, message, nowNs);
    if (state !== State.ALIVE && state !== State.RESUMING) return;
    this.#alive -= 1;
    this.account.alive(watcher, this.#keyOf(watcher), -1);
    const reason = cause === "cancelled" ? message : `${statusName(status)}: ${message}`;
    this.#lost.push({ cause, reason });
    if (this.#countsLost) this.#operations.lost(EVENTS, cause, reason, 1);
  }

  #garbled(slot: number, nowNs: number): void {
    this.#transport.cancel(slot);
    this.onStreamEnd(slot, Status.INTERNAL, this.#reader.fault, nowNs);
  }

  /** By the id that we chose, or the server's own; -1: there is none of this id. */
  #watcherOf(stream: number, watchId: number): number {
    const { watchersPerStream } = this.#spec;
    const first = stream * watchersPerStream;
    const place = watchId - FIRST_WATCH_ID;
    if (place >= 0) return place < watchersPerStream ? first + place : NONE;
    const isTurn = watchId >= 0 && watchId < this.#asked[stream]!;
    return isTurn ? this.#inOrder[first + watchId]! : NONE;
  }

  #streamOf(watcher: number): number {
    return Math.floor(watcher / this.#spec.watchersPerStream);
  }

  #keyOf(watcher: number): number {
    return this.entries[watcher % this.entries.length]!;
  }

  /** Of those that the stream was asked for, in that order; -1: there is none. */
  #firstUnanswered(stream: number): number {
    const first = stream * this.#spec.watchersPerStream;
    for (let turn = 0; turn < this.#asked[stream]!; turn++) {
      const watcher = this.#inOrder[first + turn]!;
      const state = this.#state[watcher];
      if (state === State.CREATING || state === State.RESUMING) return watcher;
    }
    return NONE;
  }

  /** Writes the next request of the stream into the template. */
  #writeRequest(watcher: number, stream: number): void {
    const first = stream * this.#spec.watchersPerStream;
    const isResuming = this.#state[watcher] === State.RESUMING;
    this.#request.write(
      this.keyIndices[this.#keyOf(watcher)]!,
      FIRST_WATCH_ID + watcher - first,
      isResuming ? this.account.resumeRevision(watcher) : null,
    );
    this.#inOrder[first + this.#asked[stream]!] = watcher;
    this.#asked[stream]! += 1;
  }
}
