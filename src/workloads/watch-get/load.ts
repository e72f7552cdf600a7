/**
 * Sends the watch-get workload: its operations are gets, and while they go on, watchers that were asked
 * for at the start of the measured phase catch up with a history. When those of all workers have, the
 * phase ends; a warm-up is gets alone.
 */

import { Status, type Transport } from "#wire";
import { HELD_BACK, HELD_BACK_US } from "../../load/held-back.ts";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { Operations, Workload } from "../../load/workload.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { workersOf } from "../../plan/shares.ts";
import { SingleCalls } from "../parts/calls/single-calls.ts";
import type { WatchSpec } from "../parts/watching/watched-keys.ts";
import { streamConnections } from "../parts/watching/watched-keys.ts";
import { Watchers } from "../parts/watching/watchers.ts";
import { Range, type RangeRequest } from "../range/range.ts";
import { CatchUp } from "./catch-up.ts";
import { WATCH_GET_NUMBERS } from "./series.ts";

const { create: CREATE } = WATCH_GET_NUMBERS;

/** Of a worker's watchers; many more at once would hold its gets up while they are written. */
const CREATIONS_AT_ONCE = 500;

export interface WatchGetRequests {
  watch: WatchSpec;
  get: RangeRequest;
  /** Of the history's events, ascending. */
  revisions: Float64Array;
  /** A catch-up in which no event has come for so long is given up. */
  timeoutMs: number;
  /** Shared by all workers: an Int32, how many of them have watchers that are not synced. */
  unsyncedWorkers: SharedArrayBuffer;
}

export class WatchGet implements Workload {
  readonly #operations: Operations;
  readonly #clients: number;
  readonly #timeoutNs: number;
  readonly #gets: SingleCalls;
  readonly #watchers: Watchers<CatchUp>;
  readonly #unsyncedWorkers: Int32Array;
  #isMeasured = false;
  #isSynced = false;
  #isGivenUp = false;
  /** By watcher: when it was asked for, and when that request left. */
  readonly #askedNs: Float64Array;
  readonly #sentNs: Float64Array;
  /** That request was not reported as sent, nor was it made again. */
  readonly #isFirst: Uint8Array;
  #asked = 0;

  constructor(
    { watch, get, revisions, timeoutMs, unsyncedWorkers }: WatchGetRequests,
    share: WorkerShare,
    operations: Operations,
    transport: Transport,
    firstSlot: number,
  ) {
    this.#operations = operations;
    this.#clients = share.clientConnections.length;
    this.#timeoutNs = timeoutMs * 1e6;
    this.#unsyncedWorkers = new Int32Array(unsyncedWorkers);
    const range = new Range(get, this.#clients, transport);
    this.#gets = new SingleCalls(range, this.#clients, operations, transport);
    const makeAccount = (places: number) => new CatchUp(operations, revisions, places);
    this.#watchers = new Watchers(watch, share, operations, transport, firstSlot, makeAccount);
    this.#askedNs = new Float64Array(this.#watchers.places);
    this.#sentNs = new Float64Array(this.#watchers.places);
    this.#isFirst = new Uint8Array(this.#watchers.places);
    this.#watchers.onCreated = (watcher, status, message, nowNs) => {
      const sentNs = this.#sentNs[watcher]!;
      const lateNs = sentNs - this.#askedNs[watcher]!;
      if (status === Status.OK) {
        operations.sample(CREATE, nowNs - sentNs, lateNs, nowNs);
      } else {
        operations.fail(CREATE, nowNs - sentNs, status, message, lateNs);
        this.#watchers.account.lost(watcher);
      }
      this.#askNext(nowNs);
    };
  }

  get unsettled(): number {
    return this.#watchers.account.unsettled;
  }

  restart(isMeasured: boolean): void {
    this.#isMeasured = isMeasured;
    this.#watchers.beginPhase(isMeasured);
  }

  onPhaseStart(nowNs: number): void {
    if (!this.#isMeasured) return;
    const { account, count } = this.#watchers;
    for (let n = 0; n < count; n++) account.begin(this.#watchers.nth(n), nowNs);
    for (let n = 0; n < CREATIONS_AT_ONCE; n++) this.#askNext(nowNs);
    this.#endWhenSynced(nowNs);
  }

  begin(client: number, nowNs: number): void {
    // Another worker's watchers may have been the last.
    this.#endWhenSynced(nowNs);
    this.#gets.begin(client, nowNs);
  }

  tick(nowNs: number): void {
    if (!this.#isMeasured) return;
    const { account } = this.#watchers;
    if (account.unsettled > 0 && nowNs - account.lastNs > this.#timeoutNs) {
      this.#giveUpWatchers(nowNs, false);
    }
    this.#endWhenSynced(nowNs);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    if (slot < this.#clients) {
      this.#gets.onCallEnd(slot, status, message, nowNs);
    } else {
      this.#watchers.onStreamEnd(slot, status, message, nowNs);
      this.#endWhenSynced(nowNs);
    }
  }

  /** The stream's requests so far have left only now, all at once. */
  onOwnCallSent(slot: number, nowNs: number, wasHeld: boolean): void {
    for (const watcher of this.#watchers.creatingOn(slot)) {
      if (this.#isFirst[watcher] === 0) continue;
      this.#isFirst[watcher] = 0;
      this.#sentNs[watcher] = nowNs;
      if (!wasHeld) continue;
      const waitedUs = Math.round((nowNs - this.#askedNs[watcher]!) / 1e3);
      this.#operations.count(CREATE, HELD_BACK, 1);
      this.#operations.count(CREATE, HELD_BACK_US, waitedUs);
    }
  }

  onCallUnprocessed(slot: number, nowNs: number, isTokenRenewed: boolean): void {
    if (slot < this.#clients) {
      this.#gets.onCallUnprocessed(slot);
    } else {
      for (const watcher of this.#watchers.creatingOn(slot)) this.#isFirst[watcher] = 0;
      this.#watchers.onStreamUnprocessed(slot, nowNs, isTokenRenewed);
      this.#endWhenSynced(nowNs);
    }
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (slot < this.#clients) {
      this.#gets.onMessage(slot, bytes, start, end);
      return;
    }
    this.#watchers.onMessage(slot, bytes, start, end, nowNs);
    if (this.#watchers.account.unsettled === 0) this.#endWhenSynced(nowNs);
  }

  cancel(client: number): void {
    this.#gets.cancel(client);
  }

  giveUp(nowNs: number, isStopped: boolean): void {
    this.#giveUpWatchers(nowNs, isStopped);
    this.#endWhenSynced(nowNs);
  }

  /** Each watcher that is not there has failed: those that were asked for, and the rest. */
  #giveUpWatchers(nowNs: number, isStopped: boolean): void {
    this.#isGivenUp = true;
    const status = isStopped ? Status.CANCELLED : Status.DEADLINE_EXCEEDED;
    const until = isStopped ? "before the run ended" : "within the timeout";
    this.#watchers.account.giveUp(nowNs, isStopped);
    this.#watchers.abandonCreations(status, until, nowNs);
    for (; this.#asked < this.#watchers.count; this.#asked++) {
      this.#operations.fail(CREATE, null, status, `not asked for ${until}`);
    }
  }

  #askNext(nowNs: number): void {
    // Once the catch-up is given up, the rest is not waited for.
    if (this.#asked === this.#watchers.count || this.#isSynced || this.#isGivenUp) return;
    const watcher = this.#watchers.nth(this.#asked);
    this.#asked += 1;
    this.#askedNs[watcher] = nowNs;
    this.#sentNs[watcher] = nowNs;
    this.#isFirst[watcher] = 1;
    this.#watchers.create(watcher, nowNs);
  }

  #endWhenSynced(nowNs: number): void {
    if (!this.#isMeasured || this.#watchers.account.unsettled > 0) return;
    if (!this.#isSynced) {
      this.#isSynced = true;
      Atomics.sub(this.#unsyncedWorkers, 0, 1);
    }
    if (Atomics.load(this.#unsyncedWorkers, 0) === 0) this.#operations.enough(nowNs);
  }
}

export interface WatchGetSpec extends OperationSpec {
  kind: "watch-get";
  watchGet: WatchGetRequests;
}

export const watchGetLoad: Load<WatchGetSpec> = {
  kind: "watch-get",
  make: ({ watchGet }, { share, operations, transport, firstExtraSlot }) =>
    new WatchGet(watchGet, share, operations, transport, firstExtraSlot),
  // Streams of events must not come before the gets on a socket.
  ownConnections: (_, share) => share.connectionEndpoints,
  extraSlots: ({ watchGet }, share, firstOwn) =>
    streamConnections(watchGet.watch, share).map((each) => firstOwn + each),
  dealtAnew(spec, shape) {
    const { connections } = shape;
    const watch = { ...spec.watchGet.watch, connections, workers: workersOf(shape) };
    return { ...spec, watchGet: { ...spec.watchGet, watch } };
  },
};
