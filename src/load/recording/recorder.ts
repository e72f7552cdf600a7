/**
 * Records what one worker has seen of one operation since its last snapshot: histograms and counts. The
 * main thread adds snapshots up; nothing here grows with the number of requests.
 */

import { statusName } from "#wire";
import { shortened } from "../../shortened.ts";
import {
  type ErrorCount,
  errorCounts,
  type Loss,
  type LossCause,
  lossCounts,
  type Resend,
  resendCounts,
} from "../../stats/distinct-counts.ts";
import { LatencyCounts } from "../../stats/latency-counts.ts";
import type { DuringEventsSnapshot } from "../../stats/latency-during-events.ts";
import type { MissingSnapshot } from "../../stats/missing-times.ts";
import { recordQuantity } from "../../stats/quantity-counts.ts";
import { EncodeSteps } from "./encode-steps.ts";
import { CountsDuringEvents, MissingCounts } from "./missing-counts.ts";
import { SlowestRequests, type SlowRequest } from "./slowest-requests.ts";

const MAX_MESSAGE_CHARS = 200;

export interface RecorderSnapshot {
  succeeded: number;
  failed: number;
  resent: number;
  /** Why those were, in the server's words. */
  resends: Resend[];
  serviceTime: Uint8Array | null;
  responseTime: Uint8Array | null;
  failedTime: Uint8Array | null;
  /** Of what failed, was given up or was never sent, how long it had waited; null without any. */
  missing: MissingSnapshot | null;
  dispatchLag: Uint8Array | null;
  errors: ErrorCount[];
  /** Named counts of the workload's own, such as conflicts. */
  counters: Record<string, number>;
  /** Why watchers were lost. */
  losses: Loss[];
  /** By name, the encoded histogram of each whole number plus one. */
  quantities: Record<string, Uint8Array>;
  /** Those of the above that an event touched; null without any. */
  during: DuringEventsSnapshot | null;
  /** What reads brought; null where nothing was read. */
  received: Received | null;
  /** Of the slowest requests so far, those that are new. */
  slowest: SlowRequest[];
}

/** Keys, and octets of the messages that they came in. */
export interface Received {
  keys: number;
  bytes: number;
}

/** A second's record, set aside: the steps fill in its histograms, one each. */
export interface RetiredRecord {
  snapshot: RecorderSnapshot;
  steps: (() => void)[];
}

export class Recorder {
  /** Of all measured phases: a snapshot does not empty it. */
  readonly slowest: SlowestRequests;
  readonly #serviceTime = new LatencyCounts();
  /** Made when they are first needed, as most runs need few of them. */
  #responseTime: LatencyCounts | null = null;
  #failedTime: LatencyCounts | null = null;
  #missing: MissingCounts | null = null;
  #dispatchLag: LatencyCounts | null = null;
  readonly #errors = errorCounts();
  readonly #counters = new Map<string, number>();
  readonly #losses = lossCounts();
  readonly #quantities = new Map<string, LatencyCounts>();
  #succeeded = 0;
  #failed = 0;
  #resent = 0;
  readonly #resends = resendCounts();
  #during: CountsDuringEvents | null = null;
  #hasReceived = false;
  #receivedKeys = 0;
  #receivedBytes = 0;

  /** @param keepSlowest how many of the slowest requests are kept */
  constructor(keepSlowest = 0) {
    this.slowest = new SlowestRequests(keepSlowest);
  }

  /** `isDuring`: an event touched it, here and below. */
  succeeded(serviceNs: number, count = 1, isDuring = false): void {
    this.#succeeded += count;
    this.#serviceTime.recordNs(serviceNs, count);
    if (isDuring) this.#duringEvents().serviceTime.recordNs(serviceNs, count);
  }

  /** A success of a paced run, on both clocks. */
  succeededPaced(serviceNs: number, responseNs: number, isDuring = false, count = 1): void {
    this.#succeeded += count;
    this.#serviceTime.recordNs(serviceNs, count);
    this.#responseTime ??= new LatencyCounts();
    this.#responseTime.recordNs(responseNs, count);
    if (!isDuring) return;
    const during = this.#duringEvents();
    during.serviceTime.recordNs(serviceNs, count);
    during.responseTime.recordNs(responseNs, count);
  }

  /**
   * `failedNs` is null where no time was spent that failed: then nothing but that it is missing is known.
   * `responseNs` is from when it was due, or `NO_SCHEDULE`.
   */
  failed(
    failedNs: number | null,
    responseNs: number,
    status: number,
    message: string,
    isDuring = false,
  ): void {
    this.#failed += 1;
    if (failedNs !== null) {
      this.#failedTime ??= new LatencyCounts();
      this.#failedTime.recordNs(failedNs);
    }
    this.missed(failedNs ?? 0, responseNs, isDuring);
    if (isDuring) this.#duringEvents().failed += 1;
    const text = shortened(message, MAX_MESSAGE_CHARS);
    this.#errors.add({ code: statusName(status), message: text, count: 1 });
  }

  /**
   * `count` samples that there are not: what should have come has not, and the wait for it is over.
   * The times are how long it had been awaited, or `NOT_SENT` and `NO_SCHEDULE`.
   */
  missed(serviceNs: number, responseNs: number, isDuring = false, count = 1): void {
    this.#missing ??= new MissingCounts();
    this.#missing.record(serviceNs, responseNs, count);
    if (!isDuring) return;
    const during = this.#duringEvents();
    during.missing ??= new MissingCounts();
    during.missing.record(serviceNs, responseNs, count);
  }

  /** The client gave a request back to the server that had vouched not to have processed it. */
  resent(reason: string): void {
    this.#resent += 1;
    this.#resends.add({ reason: shortened(reason, MAX_MESSAGE_CHARS), count: 1 });
  }

  count(name: string, amount: number): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + amount);
  }

  /** Counts as `lostWatchers`, too. */
  lost(cause: LossCause, reason: string, watchers: number): void {
    this.count("lostWatchers", watchers);
    this.#losses.add({ cause, reason: shortened(reason, MAX_MESSAGE_CHARS), count: watchers });
  }

  cancelledWatcher(reason: string): void {
    this.#losses.add({
      cause: "cancelled",
      reason: shortened(reason, MAX_MESSAGE_CHARS),
      count: 1,
    });
  }

  /** A whole number from 0 up that is no time, such as revisions. */
  quantity(name: string, value: number): void {
    let known = this.#quantities.get(name);
    if (known === undefined) {
      known = new LatencyCounts();
      this.#quantities.set(name, known);
    }
    recordQuantity(known, value);
  }

  received(keys: number, bytes: number): void {
    this.#hasReceived = true;
    this.#receivedKeys += keys;
    this.#receivedBytes += bytes;
  }

  /** How late a send was that had a free client. */
  dispatched(lagNs: number): void {
    this.#dispatchLag ??= new LatencyCounts();
    this.#dispatchLag.recordNs(lagNs);
  }

  /** What has come since the last one. */
  takeSnapshot(): RecorderSnapshot {
    const { snapshot, steps } = this.retire();
    for (const step of steps) step();
    return snapshot;
  }

  /** The same in steps, so that a measuring thread can send in between. */
  retire(): RetiredRecord {
    const snapshot: RecorderSnapshot = {
      succeeded: this.#succeeded,
      failed: this.#failed,
      resent: this.#resent,
      resends: this.#resends.result(),
      serviceTime: null,
      responseTime: null,
      failedTime: null,
      missing: null,
      dispatchLag: null,
      errors: this.#errors.result(),
      counters: Object.fromEntries(this.#counters),
      losses: this.#losses.result(),
      quantities: {},
      during: null,
      received: this.#hasReceived ? { keys: this.#receivedKeys, bytes: this.#receivedBytes } : null,
      slowest: this.slowest.takeNew(),
    };
    const encoding = new EncodeSteps();
    encoding.encode(snapshot, "serviceTime", this.#serviceTime);
    encoding.encode(snapshot, "responseTime", this.#responseTime);
    encoding.encode(snapshot, "failedTime", this.#failedTime);
    encoding.encode(snapshot, "dispatchLag", this.#dispatchLag);
    for (const [name, counts] of this.#quantities) {
      encoding.encode(snapshot.quantities, name, counts);
    }
    snapshot.missing = encoding.missing(this.#missing);
    snapshot.during = encoding.duringEvents(this.#during);
    this.#succeeded = 0;
    this.#failed = 0;
    this.#resent = 0;
    this.#hasReceived = false;
    this.#receivedKeys = 0;
    this.#receivedBytes = 0;
    this.#errors.clear();
    this.#counters.clear();
    this.#losses.clear();
    this.#resends.clear();
    return { snapshot, steps: encoding.steps };
  }

  #duringEvents(): CountsDuringEvents {
    this.#during ??= new CountsDuringEvents();
    return this.#during;
  }
}
