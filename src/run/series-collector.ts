/**
 * Adds up one series, a whole operation or a part or effect of it: the snapshots of all workers become
 * its entry in the result.
 */
import type { PhaseDoneMessage, SnapshotMessage } from "../load/messages.ts";
import type { Received, RecorderSnapshot } from "../load/recording/recorder.ts";
import type { Interval, OperationResult } from "../result/schema.ts";
import {
  type ErrorCount,
  errorCounts,
  lossCounts,
  resendCounts,
} from "../stats/distinct-counts.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import { littlesLaw, toLatency } from "../stats/latency.ts";
import { LatencyDuringEvents, latencyWithout } from "../stats/latency-during-events.ts";
import { MissingTimes } from "../stats/missing-times.ts";
import { QuantityHistogram } from "../stats/quantity.ts";
import { wasHeldBack } from "./held-back.ts";
import type { IntervalBudget } from "./interval-budget.ts";
import { type ClosedInterval, figuresOf, sumOfReceived } from "./open-interval.ts";
import { SeriesIntervals } from "./series-intervals.ts";
import { SlowestOfRun } from "./slowest-of-run.ts";

const NS_PER_SECOND = 1e9;
/** Below this a closed loop is mostly its own beginning and end, of which Little's law says nothing. */
const LEAST_PER_CLIENT = 20;

export interface SeriesOptions {
  name: string;
  /** The whole operation: what was offered, started and dropped is known of it alone. */
  isWhole: boolean;
  isPaced: boolean;
  /** Between two requests of an even schedule; 0 without one, as with random arrivals. */
  periodNs: number;
  /** It does not follow that schedule, but goes on for as long. */
  isAtOwnPace?: boolean;
  workers: number;
  budget: IntervalBudget;
  /** How many of the slowest requests are kept; absent: none. */
  keepSlowest?: number;
  /** Sees each second when it is complete. */
  onSecond?: (second: ClosedInterval) => void;
}

export class SeriesCollector {
  readonly #options: SeriesOptions;
  readonly #serviceTime = new LatencyHistogram();
  readonly #responseTime = new LatencyHistogram();
  readonly #failedTime = new LatencyHistogram();
  /** Null until something is missing. */
  #missing: MissingTimes | null = null;
  /** Null until an event has touched a request. */
  #during: LatencyDuringEvents | null = null;
  readonly #errors = errorCounts();
  readonly #counters = new Map<string, number>();
  readonly #losses = lossCounts();
  readonly #resends = resendCounts();
  readonly #quantities = new Map<string, QuantityHistogram>();
  readonly #intervals: SeriesIntervals;
  readonly #slowest: SlowestOfRun;
  #originNs = 0;
  /** Nanoseconds of each finished slice, from its start to the end of its last request. */
  #elapsedNs = 0;
  /** The same with the schedule's last period, which rates are over. */
  #scheduledNs = 0;
  #dropped = 0;
  /** Of these; of a part, which may be of it. */
  #unreported = 0;
  started = 0;
  succeeded = 0;
  failed = 0;
  #resent = 0;
  #received: Received | null = null;

  constructor(options: SeriesOptions) {
    this.#options = options;
    this.#intervals = new SeriesIntervals(options.workers, options.budget);
    this.#slowest = new SlowestOfRun(options.keepSlowest ?? 0);
  }

  /**
   * Takes a snapshot in; returns the interval that it completes, where this is the whole operation.
   * `originNs` is the run's start.
   */
  add(snapshot: SnapshotMessage, recorded: RecorderSnapshot, originNs: number): Interval | null {
    this.succeeded += recorded.succeeded;
    this.failed += recorded.failed;
    this.#resent += recorded.resent;
    if (recorded.serviceTime !== null) this.#serviceTime.addEncoded(recorded.serviceTime);
    if (recorded.responseTime !== null) this.#responseTime.addEncoded(recorded.responseTime);
    if (recorded.failedTime !== null) this.#failedTime.addEncoded(recorded.failedTime);
    if (recorded.missing !== null) {
      this.#missing ??= new MissingTimes();
      this.#missing.add(recorded.missing);
    }
    if (recorded.during !== null) {
      this.#during ??= new LatencyDuringEvents();
      this.#during.add(recorded.during);
    }
    for (const error of recorded.errors) this.#errors.add(error);
    for (const loss of recorded.losses) this.#losses.add(loss);
    for (const resend of recorded.resends) this.#resends.add(resend);
    for (const [name, amount] of Object.entries(recorded.counters)) {
      this.#counters.set(name, (this.#counters.get(name) ?? 0) + amount);
    }
    for (const [name, encoded] of Object.entries(recorded.quantities)) {
      const known = this.#quantities.get(name) ?? new QuantityHistogram();
      this.#quantities.set(name, known);
      known.addEncoded(encoded);
    }
    this.#received = sumOfReceived(this.#received, recorded.received);
    this.#slowest.add(recorded.slowest);
    this.#originNs = originNs;
    const closed = this.#intervals.add(snapshot, recorded, originNs);
    if (closed === null) return null;
    this.#options.onSecond?.(closed);
    return this.#options.isWhole ? figuresOf(closed, originNs) : null;
  }

  get name(): string {
    return this.#options.name;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Requests that were never sent may have been of this series: each bounds its latencies by no time. */
  addPerhapsMissing(count: number): void {
    this.#missing ??= new MissingTimes();
    this.#missing.responseTime.recordNs(0, count);
  }

  /** The most frequent first. */
  get errors(): ErrorCount[] {
    return this.#errors.result();
  }

  /**
   * @param limitNs how long the schedule of a slice with a limited time went on; 0: its time is not limited
   * @param requests what the slice is limited to; null: it is not
   */
  endSlice(
    startNs: number,
    done: readonly PhaseDoneMessage[],
    originNs: number,
    limitNs = 0,
    requests: number | null = null,
  ): void {
    for (const second of this.#intervals.endPhase(originNs)) this.#options.onSecond?.(second);
    // Effects go on when the last operation has ended.
    const ends = done.map(({ lastEndNs, lastEffectNs = lastEndNs }) => {
      return this.#options.isWhole ? lastEndNs : lastEffectNs;
    });
    const lastEndNs = Math.max(startNs, ...ends);
    // The last period of a schedule belongs to it, though its request is answered before it ends;
    // else a slow rate would seem to have been exceeded.
    const offered = done.reduce((count, { started, dropped }) => count + started + dropped, 0);
    const elapsedNs = lastEndNs - startNs;
    const { periodNs, isPaced, isAtOwnPace = false } = this.#options;
    // After the last random arrival the schedule goes on until its end, unless there was to be no more.
    const isRandom = isPaced && periodNs === 0;
    const isWithoutPeriod =
      isAtOwnPace || (isRandom && offered < (requests ?? Number.POSITIVE_INFINITY));
    const scheduledNs = isWithoutPeriod ? limitNs : offered * periodNs;
    this.#scheduledNs += Math.max(elapsedNs, scheduledNs);
    // A period that is longer than the slice has not passed.
    this.#elapsedNs += Math.max(elapsedNs, Math.min(scheduledNs, limitNs));
    for (const { unreported = 0 } of done) this.#unreported += unreported;
    if (!this.#options.isWhole) {
      this.started = this.succeeded + this.failed;
      return;
    }
    for (const { started, dropped } of done) {
      this.started += started;
      this.#dropped += dropped;
    }
  }

  /** A slice broke off without its workers' reports: what the snapshots hold is what is known. */
  breakOffSlice(startNs: number, nowNs: number, originNs: number): void {
    this.endSlice(startNs, [], originNs);
    this.#scheduledNs += nowNs - startNs;
    this.#elapsedNs += nowNs - startNs;
    this.started = this.succeeded + this.failed;
  }

  result(clients: number): OperationResult {
    const seconds = {
      durationSeconds: this.#elapsedNs / NS_PER_SECOND,
      scheduledSeconds: this.#scheduledNs / NS_PER_SECOND,
    };
    return this.#figures(clients, seconds, this.intervals());
  }

  /** The same while the load goes on. `sliceStartNs`: of the slice under way; null: it is of another operation. */
  soFar(clients: number, sliceStartNs: number | null): OperationResult {
    const underWayNs =
      sliceStartNs === null ? 0 : Math.max(0, this.#intervals.lastEndNs - sliceStartNs);
    const seconds = {
      durationSeconds: (this.#elapsedNs + underWayNs) / NS_PER_SECOND,
      scheduledSeconds: (this.#scheduledNs + underWayNs) / NS_PER_SECOND,
    };
    return this.#figures(clients, seconds, this.#withReceived(this.#intervals.soFar()));
  }

  #figures(
    clients: number,
    { durationSeconds, scheduledSeconds }: { durationSeconds: number; scheduledSeconds: number },
    intervals: Interval[],
  ): OperationResult {
    // Those of a slice are known when it has ended; what is in flight is in no figure before.
    const started = Math.max(this.started, this.succeeded + this.failed);
    const throughputPerSec = scheduledSeconds > 0 ? this.succeeded / scheduledSeconds : null;
    const serviceTime = toLatency(this.#serviceTime, this.#missing?.serviceTime);
    const { name, isWhole, isPaced } = this.#options;
    const isLong = this.succeeded >= clients * LEAST_PER_CLIENT;
    const counters = Object.fromEntries(this.#counters);
    // A wait in the client before a request is sent is in no service time.
    const isBusy = this.failed === 0 && !wasHeldBack(counters);
    const isLawful = isWhole && !isPaced && isBusy && isLong;
    return {
      name,
      durationSeconds,
      throughputPerSec,
      requests: {
        offered: started + this.#dropped,
        started,
        succeeded: this.succeeded,
        failed: this.failed,
        dropped: this.#dropped,
        ...(this.#unreported > 0 && { unreported: this.#unreported }),
        resent: this.#resent,
      },
      serviceTime,
      responseTime:
        isPaced && this.#responseTime.count + (this.#missing?.responseTime.count ?? 0) > 0
          ? toLatency(this.#responseTime, this.#missing?.responseTime)
          : null,
      failedTime: this.#failedTime.count > 0 ? toLatency(this.#failedTime) : null,
      moments: this.#eventsResult(),
      counters,
      losses: this.#losses.result(),
      resends: this.#resends.result(),
      quantities: Object.fromEntries(
        [...this.#quantities].map(([each, histogram]) => [each, histogram.result()]),
      ),
      received: this.#receivedFigures(scheduledSeconds),
      fairness: null,
      slowest: this.#slowest.result(this.#originNs),
      errors: this.errors,
      intervals,
      littlesLaw: isLawful ? littlesLaw(clients, throughputPerSec, serviceTime.meanMs) : null,
    };
  }

  /** Of the length that the run has room for by now. */
  intervals(): Interval[] {
    return this.#withReceived(this.#intervals.result());
  }

  #withReceived(intervals: Interval[]): Interval[] {
    if (this.#received === null) return intervals;
    // A second without an answer brought nothing, which is known where answers are counted.
    return intervals.map((interval) => ({
      ...interval,
      receivedKeys: interval.receivedKeys ?? 0,
      receivedBytes: interval.receivedBytes ?? 0,
    }));
  }

  destroy(): void {
    this.#serviceTime.destroy();
    this.#responseTime.destroy();
    this.#failedTime.destroy();
    this.#missing?.destroy();
    for (const histogram of this.#quantities.values()) histogram.destroy();
    this.#during?.destroy();
  }

  #eventsResult(): OperationResult["moments"] {
    const during = this.#during;
    if (during === null) return null;
    const { isPaced } = this.#options;
    const { serviceTime, responseTime, missing } = during;
    const all = this.#missing;
    return {
      during: {
        failed: during.failed,
        serviceTime: toLatency(serviceTime, missing.serviceTime),
        responseTime: isPaced ? toLatency(responseTime, missing.responseTime) : null,
      },
      outside: {
        failed: this.failed - during.failed,
        serviceTime: latencyWithout(
          this.#serviceTime,
          serviceTime,
          all?.serviceTime ?? null,
          missing.serviceTime,
        ),
        responseTime: isPaced
          ? latencyWithout(
              this.#responseTime,
              responseTime,
              all?.responseTime ?? null,
              missing.responseTime,
            )
          : null,
      },
    };
  }

  #receivedFigures(durationSeconds: number): OperationResult["received"] {
    if (this.#received === null) return null;
    const { keys, bytes } = this.#received;
    const perSec = (amount: number) => (durationSeconds > 0 ? amount / durationSeconds : null);
    return { keys, bytes, keysPerSec: perSec(keys), bytesPerSec: perSec(bytes) };
  }
}
