/**
 * Tracks watchers that catch up with a known history: each must get every event of it once, in the
 * order of revisions. A watcher's state is its place in the history, at the event that it waits for.
 */
import { nowNs as clockNs } from "../../clock.ts";
import type { Operations } from "../../load/workload.ts";
import type { EventAccount } from "../parts/watching/event-account.ts";
import type { WatchResponseReader } from "../parts/watching/watch-response.ts";
import { WATCH_GET_NUMBERS } from "./series.ts";

const { catchUp: CATCH_UP, synced: SYNCED } = WATCH_GET_NUMBERS;

export class CatchUp implements EventAccount {
  readonly #operations: Operations;
  /** Of the history's events, ascending. */
  readonly #revisions: Float64Array;
  /** By watcher: the place in the history of the event that comes next. */
  readonly #next: Int32Array;
  #startNs = 0;
  #isGivenUp = false;
  /** When the last event came; the start before the first. */
  lastNs = 0;
  unsettled = 0;

  /** @param places one more than the highest number of a watcher */
  constructor(operations: Operations, revisions: Float64Array, places: number) {
    this.#operations = operations;
    this.#revisions = revisions;
    this.#next = new Int32Array(places).fill(revisions.length);
  }

  /** `watcher` is asked for: all of the history is to come to it. Times count from the first. */
  begin(watcher: number, nowNs: number): void {
    if (this.unsettled === 0) {
      this.#startNs = nowNs;
      this.lastNs = nowNs;
      this.#isGivenUp = false;
    }
    this.#next[watcher] = 0;
    this.unsettled += this.#revisions.length;
  }

  /** It will hear of nothing more. */
  lost(watcher: number): void {
    const left = this.#revisions.length - this.#next[watcher]!;
    if (left === 0) return;
    this.#next[watcher] = this.#revisions.length;
    this.#operations.missed(SYNCED, clockNs() - this.#startNs);
    this.#missing(left);
  }

  alive(watcher: number, _key: number, change: 1 | -1): void {
    if (change === -1) this.lost(watcher);
  }

  event(
    watcher: number,
    _key: number,
    { isDelete, modRevision }: WatchResponseReader,
    _bytes: Uint8Array,
    nowNs: number,
  ): void {
    const at = watcher < 0 || isDelete ? -1 : this.#placeOf(modRevision);
    if (at < 0) {
      this.#operations.count(CATCH_UP, "foreign", 1);
      return;
    }
    const next = this.#next[watcher]!;
    if (at < next) {
      this.#operations.count(CATCH_UP, this.#isGivenUp ? "late" : "doubled", 1);
      return;
    }
    // What is passed over cannot come any more: etcd sends in the order of revisions.
    this.#missing(at - next);
    this.#next[watcher] = at + 1;
    this.unsettled -= 1;
    this.lastNs = nowNs;
    this.#operations.sample(CATCH_UP, nowNs - this.#startNs, 0, nowNs);
    if (at + 1 === this.#revisions.length) {
      this.#operations.sample(SYNCED, nowNs - this.#startNs, 0, nowNs);
    }
  }

  resumeRevision(watcher: number): number | null {
    const next = this.#next[watcher]!;
    return next === 0 ? null : this.#revisions[next - 1]! + 1;
  }

  /** @param isStopped the watchers had no time to catch up: nothing is known to be missing */
  giveUp(nowNs: number, isStopped = false): void {
    this.#isGivenUp = true;
    const waitedNs = nowNs - this.#startNs;
    const unsynced = this.#next.reduce((n, next) => (next < this.#revisions.length ? n + 1 : n), 0);
    if (unsynced > 0) this.#operations.missed(SYNCED, waitedNs, 0, unsynced);
    this.#next.fill(this.#revisions.length);
    if (isStopped && this.unsettled > 0) {
      this.#operations.count(CATCH_UP, "notAwaited", this.unsettled);
      this.#operations.missed(CATCH_UP, waitedNs, 0, this.unsettled);
      this.unsettled = 0;
    }
    this.#missing(this.unsettled);
  }

  #missing(events: number): void {
    if (events === 0) return;
    this.#operations.count(CATCH_UP, "missing", events);
    this.#operations.missed(CATCH_UP, clockNs() - this.#startNs, 0, events);
    this.unsettled -= events;
  }

  /** -1 for a revision that is none of the history's. */
  #placeOf(revision: number): number {
    const revisions = this.#revisions;
    let low = 0;
    let high = revisions.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = revisions[middle]!;
      if (found === revision) return middle;
      if (found < revision) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
