/**
 * Tracks a worker's puts and the events that they cause: which are still to come, how long each took,
 * and which came unexpected. A put's number is in its value, so an event finds its put by an index into
 * a ring; nothing is allocated per put or event.
 */

import type { Operations } from "../../../load/workload.ts";
import type { EventAccount } from "./event-account.ts";
import { WATCHED_NUMBERS } from "./series.ts";
import { readWatchHeader } from "./watch-header.ts";
import type { WatchResponseReader } from "./watch-response.ts";

const { delivery: DELIVERY, deliveryAfterAck: DELIVERY_AFTER_ACK } = WATCHED_NUMBERS;

const FIRST_RING_SIZE = 1024;
/** Beyond so many puts that wait for events, the oldest is given up: memory stays bounded. */
const LARGEST_RING_SIZE = 2 ** 20;

const WAITING = -1;
const FAILED = -2;
/** The wait for its events is over; whether they are missing, its acknowledgement will say. */
const FORSAKEN = -3;

export class Deliveries implements EventAccount {
  readonly #operations: Operations;
  readonly #token: number;
  /** By watcher, the newest revision that it has heard of: etcd sends them in order. */
  readonly #lastRevision: Float64Array;
  /** By key. */
  readonly #watchersOfKey: Int32Array;
  /** Puts by number modulo the ring's size, from `#oldest` up to `#next`. */
  #mask = FIRST_RING_SIZE - 1;
  #sentNs = new Float64Array(FIRST_RING_SIZE);
  #dueNs = new Float64Array(FIRST_RING_SIZE);
  /** The time, or WAITING, FAILED or FORSAKEN. */
  #ackedNs = new Float64Array(FIRST_RING_SIZE);
  #keys = new Int32Array(FIRST_RING_SIZE);
  #eventsLeft = new Int32Array(FIRST_RING_SIZE);
  #oldest = 0;
  #next = 0;
  /** Events of one put that came at one time are recorded together. */
  #batchPut = 0;
  #batchNs = 0;
  #batchEvents = 0;
  /** Events of puts that have not failed which are still to come. */
  unsettled = 0;

  /** @param token tells this run's values from those of others */
  constructor(operations: Operations, token: number, watchers: number, keys: number) {
    this.#operations = operations;
    this.#token = token;
    this.#lastRevision = new Float64Array(watchers);
    this.#watchersOfKey = new Int32Array(keys);
  }

  resumeRevision(watcher: number): number | null {
    const revision = this.#lastRevision[watcher]!;
    return revision === 0 ? null : revision + 1;
  }

  /** From now on each put of `key` makes one event more, or one less. */
  alive(_watcher: number, key: number, change: 1 | -1): void {
    this.#watchersOfKey[key]! += change;
  }

  /** Events that a put of `key` makes. */
  watchersOf(key: number): number {
    return this.#watchersOfKey[key]!;
  }

  /** A put of `key` is sent whose operation was due at `dueNs`; returns its number. */
  put(key: number, nowNs: number, dueNs = nowNs): number {
    if (this.#next - this.#oldest > this.#mask) this.#makeRoom(nowNs);
    const number = this.#next;
    this.#next += 1;
    const at = number & this.#mask;
    this.#sentNs[at] = nowNs;
    this.#dueNs[at] = dueNs;
    this.#ackedNs[at] = WAITING;
    this.#keys[at] = key;
    const events = this.#watchersOfKey[key]!;
    this.#eventsLeft[at] = events;
    this.unsettled += events;
    return number;
  }

  /** The put has left only now, having waited in the client. */
  sent(number: number, nowNs: number): void {
    if (number >= this.#oldest) this.#sentNs[number & this.#mask] = nowNs;
  }

  acked(number: number, nowNs: number): void {
    if (number < this.#oldest) return;
    this.#record();
    const at = number & this.#mask;
    if (this.#ackedNs[at] === FORSAKEN) this.#countMissing(at, nowNs);
    this.#ackedNs[at] = nowNs;
    this.#forgetSettled();
  }

  /**
   * Whether etcd has it is not known, so its events may come or not: they are no longer waited for.
   * Without `nowNs` the put took no effect, so that nothing is missing.
   */
  failed(number: number, nowNs: number | null = null): void {
    if (number < this.#oldest) return;
    this.#record();
    const at = number & this.#mask;
    if (nowNs !== null) this.#missed(at, nowNs);
    if (this.#ackedNs[at] !== FORSAKEN) this.unsettled -= this.#eventsLeft[at]!;
    this.#ackedNs[at] = FAILED;
    this.#eventsLeft[at] = 0;
    this.#forgetSettled();
  }

  event(
    watcher: number,
    key: number,
    { isDelete, valueStart, valueEnd, modRevision }: WatchResponseReader,
    bytes: Uint8Array,
    nowNs: number,
  ): void {
    const number = isDelete ? -1 : readWatchHeader(bytes, valueStart, valueEnd, this.#token);
    if (watcher < 0 || number < 0) this.#operations.count(DELIVERY, "foreign", 1);
    else this.delivered(watcher, key, number, modRevision, nowNs);
  }

  /** An event that names put `number` has come to `watcher` of `key`. */
  delivered(watcher: number, key: number, number: number, revision: number, nowNs: number): void {
    if (revision <= this.#lastRevision[watcher]!) {
      this.#operations.count(DELIVERY, "doubled", 1);
      return;
    }
    this.#lastRevision[watcher] = revision;
    const at = number & this.#mask;
    const unexpected = this.#whyUnexpected(number, at, key);
    if (unexpected !== "") {
      this.#operations.count(DELIVERY, unexpected, 1);
      return;
    }
    this.#eventsLeft[at] = this.#eventsLeft[at]! - 1;
    this.unsettled -= 1;
    if (number !== this.#batchPut || nowNs !== this.#batchNs) this.#record();
    this.#batchPut = number;
    this.#batchNs = nowNs;
    this.#batchEvents += 1;
    if (this.#eventsLeft[at]! > 0) return;
    this.#record();
    this.#forgetSettled();
    if (this.unsettled === 0) this.#operations.settled();
  }

  /** The counter of an event that is not waited for; empty where it is. */
  #whyUnexpected(number: number, at: number, key: number): string {
    if (number >= this.#next) return "foreign";
    // The key of a put that is forgotten is not known any more.
    if (number < this.#oldest) return "late";
    if (this.#keys[at] !== key) return "foreign";
    if (this.#ackedNs[at] === FAILED) return "unconfirmed";
    if (this.#ackedNs[at] === FORSAKEN) return "late";
    return this.#eventsLeft[at] === 0 ? "doubled" : "";
  }

  /** What has not come counts as missing, but for puts that may yet fail: of those when they have not. */
  giveUp(nowNs: number): void {
    this.#record();
    for (let number = this.#oldest; number < this.#next; number++) {
      const at = number & this.#mask;
      if (this.#ackedNs[at] === WAITING) {
        this.#ackedNs[at] = FORSAKEN;
        this.unsettled -= this.#eventsLeft[at]!;
      } else if (this.#ackedNs[at] !== FORSAKEN) {
        this.unsettled -= this.#eventsLeft[at]!;
        this.#countMissing(at, nowNs);
      }
    }
    this.#forgetSettled();
  }

  #record(): void {
    if (this.#batchEvents === 0) return;
    const events = this.#batchEvents;
    this.#batchEvents = 0;
    const at = this.#batchPut & this.#mask;
    const nowNs = this.#batchNs;
    const ackedNs = this.#ackedNs[at]!;
    const lateNs = this.#sentNs[at]! - this.#dueNs[at]!;
    this.#operations.sample(DELIVERY, nowNs - this.#sentNs[at]!, lateNs, nowNs, events);
    // Ahead of the acknowledgement there is no time after it: that counts as none.
    const afterAckNs = ackedNs === WAITING ? 0 : nowNs - ackedNs;
    this.#operations.sample(DELIVERY_AFTER_ACK, afterAckNs, 0, nowNs, events);
  }

  #forgetSettled(): void {
    while (this.#oldest < this.#next) {
      const at = this.#oldest & this.#mask;
      const ackedNs = this.#ackedNs[at]!;
      if (this.#eventsLeft[at]! > 0 || ackedNs === WAITING || ackedNs === FORSAKEN) return;
      this.#oldest += 1;
    }
  }

  #giveUpOldest(nowNs: number): void {
    const at = this.#oldest & this.#mask;
    if (this.#ackedNs[at] !== FORSAKEN) this.unsettled -= this.#eventsLeft[at]!;
    this.#countMissing(at, nowNs);
    this.#oldest += 1;
  }

  #countMissing(at: number, nowNs: number): void {
    this.#missed(at, nowNs);
    const missing = this.#eventsLeft[at]!;
    if (missing > 0) this.#operations.count(DELIVERY, "missing", missing);
    this.#eventsLeft[at] = 0;
  }

  /** What has not come of a put belongs to the percentiles of what has. */
  #missed(at: number, nowNs: number): void {
    const events = this.#eventsLeft[at]!;
    if (events === 0) return;
    const sentNs = this.#sentNs[at]!;
    const ackedNs = this.#ackedNs[at]!;
    this.#operations.missed(DELIVERY, nowNs - sentNs, sentNs - this.#dueNs[at]!, events);
    const afterAckNs = ackedNs < 0 ? 0 : nowNs - ackedNs;
    this.#operations.missed(DELIVERY_AFTER_ACK, afterAckNs, 0, events);
  }

  #makeRoom(nowNs: number): void {
    this.#record();
    const size = this.#mask + 1;
    if (size === LARGEST_RING_SIZE) {
      this.#giveUpOldest(nowNs);
      this.#forgetSettled();
      return;
    }
    const oldMask = this.#mask;
    const sent = this.#sentNs;
    const due = this.#dueNs;
    const acked = this.#ackedNs;
    const keys = this.#keys;
    const left = this.#eventsLeft;
    this.#mask = size * 2 - 1;
    this.#sentNs = new Float64Array(size * 2);
    this.#dueNs = new Float64Array(size * 2);
    this.#ackedNs = new Float64Array(size * 2);
    this.#keys = new Int32Array(size * 2);
    this.#eventsLeft = new Int32Array(size * 2);
    for (let number = this.#oldest; number < this.#next; number++) {
      const from = number & oldMask;
      const to = number & this.#mask;
      this.#sentNs[to] = sent[from]!;
      this.#dueNs[to] = due[from]!;
      this.#ackedNs[to] = acked[from]!;
      this.#keys[to] = keys[from]!;
      this.#eventsLeft[to] = left[from]!;
    }
  }
}
