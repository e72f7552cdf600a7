/** Owns the adding-up of one operation: all workers' snapshots into its place in the result. */
import type { PhaseDoneMessage, SnapshotMessage } from "../load/messages.ts";
import type { ErrorCount } from "../load/recording/recorder.ts";
import type { Interval, OperationResult } from "../result/schema.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import { littlesLaw, toLatency } from "../stats/latency.ts";
import { OpenInterval } from "./open-interval.ts";

const NS_PER_SECOND = 1e9;

export class OperationCollector {
  readonly #name: string;
  readonly #isPaced: boolean;
  readonly #workers: number;
  readonly #serviceTime = new LatencyHistogram();
  readonly #responseTime = new LatencyHistogram();
  readonly #failedTime = new LatencyHistogram();
  readonly #errors = new Map<string, ErrorCount>();
  readonly #open = new Map<string, OpenInterval>();
  readonly #intervals: Interval[] = [];
  /** Nanoseconds of each finished slice, from its start to the end of its last request. */
  #measuredNs = 0;
  #dropped = 0;
  started = 0;
  succeeded = 0;
  failed = 0;
  #resent = 0;

  constructor(name: string, isPaced: boolean, workers: number) {
    this.#name = name;
    this.#isPaced = isPaced;
    this.#workers = workers;
  }

  /** Takes a snapshot in; returns the interval that it completes. `originNs` is the run's start. */
  add(snapshot: SnapshotMessage, originNs: number): Interval | null {
    const { recorded } = snapshot;
    this.succeeded += recorded.succeeded;
    this.failed += recorded.failed;
    this.#resent += recorded.resent;
    if (recorded.serviceTime !== null) this.#serviceTime.addEncoded(recorded.serviceTime);
    if (recorded.responseTime !== null) this.#responseTime.addEncoded(recorded.responseTime);
    if (recorded.failedTime !== null) this.#failedTime.addEncoded(recorded.failedTime);
    for (const error of recorded.errors) this.#addError(error);
    const key = `${snapshot.phaseId}/${snapshot.interval}`;
    const open = this.#open.get(key) ?? new OpenInterval();
    this.#open.set(key, open);
    open.add(snapshot);
    if (open.snapshots < this.#workers) return null;
    this.#open.delete(key);
    return this.#close(open, originNs);
  }

  /** A slice has ended; intervals that a worker did not reach, having ended early, are closed. */
  endSlice(startNs: number, done: readonly PhaseDoneMessage[], originNs: number): void {
    for (const open of this.#open.values()) this.#close(open, originNs);
    this.#open.clear();
    const lastEndNs = Math.max(startNs, ...done.map(({ lastEndNs }) => lastEndNs));
    this.#measuredNs += lastEndNs - startNs;
    for (const { started, dropped } of done) {
      this.started += started;
      this.#dropped += dropped;
    }
  }

  /** A slice broke off without its workers' reports: what the snapshots hold is what is known. */
  breakOffSlice(startNs: number, nowNs: number, originNs: number): void {
    this.endSlice(startNs, [], originNs);
    this.#measuredNs += nowNs - startNs;
    this.started = this.succeeded + this.failed;
  }

  result(clients: number): OperationResult {
    const durationSeconds = this.#measuredNs / NS_PER_SECOND;
    const throughputPerSec = durationSeconds > 0 ? this.succeeded / durationSeconds : null;
    const serviceTime = toLatency(this.#serviceTime);
    const isLawful = !this.#isPaced && this.failed === 0;
    return {
      name: this.#name,
      durationSeconds,
      throughputPerSec,
      requests: {
        offered: this.started + this.#dropped,
        started: this.started,
        succeeded: this.succeeded,
        failed: this.failed,
        dropped: this.#dropped,
        resent: this.#resent,
      },
      serviceTime,
      responseTime: this.#isPaced ? toLatency(this.#responseTime) : null,
      failedTime: this.failed > 0 ? toLatency(this.#failedTime) : null,
      errors: [...this.#errors.values()].sort((a, b) => b.count - a.count),
      intervals: this.#intervals.sort((a, b) => a.startSeconds - b.startSeconds),
      littlesLaw: isLawful ? littlesLaw(clients, throughputPerSec, serviceTime.meanMs) : null,
    };
  }

  destroy(): void {
    this.#serviceTime.destroy();
    this.#responseTime.destroy();
    this.#failedTime.destroy();
  }

  #addError(error: ErrorCount): void {
    const key = `${error.code} ${error.message}`;
    const known = this.#errors.get(key);
    if (known === undefined) this.#errors.set(key, { ...error });
    else known.count += error.count;
  }

  #close(open: OpenInterval, originNs: number): Interval {
    const interval = open.close(originNs);
    this.#intervals.push(interval);
    return interval;
  }
}
