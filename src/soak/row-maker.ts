/**
 * Makes the rows of a soak from what the run tells each second. It holds the figures of the row under way
 * and no other, so that its memory does not grow with the hours.
 */
import { MemberSeries } from "../etcd/member-series.ts";
import type { MemberMetrics } from "../etcd/metrics.ts";
import { countOpenDescriptors } from "../machine/open-descriptors.ts";
import type { ObservedPause, ObservedSeries, RunObserver } from "../run/observer.ts";
import type { ClosedInterval } from "../run/open-interval.ts";
import { errorCounts } from "../stats/distinct-counts.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import { toLatency } from "../stats/latency.ts";
import { MissingTimes } from "../stats/missing-times.ts";
import type { SoakRow, SoakRowSeries } from "./row-schema.ts";

/** What the process that sends has now; null: agents send. */
export interface ClientReading {
  rssBytes: number | null;
  openFiles: number | null;
}

export interface RowMakerOptions {
  everyMs: number;
  segment: number;
  /** Of the first row that is made. */
  firstRow: number;
  /** Absent: of this process. */
  readClient?: () => ClientReading;
  /** Sees each row when it is over. */
  onRow: (row: SoakRow) => void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;
/** Seconds begin a little before or after a whole one of the first. */
const HALF_SECOND_NS = 0.5e9;

function readThisProcess(): ClientReading {
  return { rssBytes: process.memoryUsage.rss(), openFiles: countOpenDescriptors() };
}

export class RowMaker implements RunObserver {
  readonly #options: Required<RowMakerOptions>;
  /** Of the first second of the load. */
  #originNs: number | null = null;
  #rows = 0;
  /** Of the row under way: which stretch of the segment it is of. */
  #place = 0;
  #series = new Map<string, SeriesSum>();
  #members = new Map<string, MemberSum>();
  /** The last reading of each member, which the counters of the next row begin from. */
  readonly #lastReadings = new Map<string, MemberMetrics>();
  /** Those that reach into the row under way. */
  #pauses: ObservedPause[] = [];
  #clientRssSumBytes = 0;
  #clientReadings = 0;
  #clientOpenFiles: number | null = null;
  #fromNs = 0;
  #toNs = 0;
  #startedAtMs = 0;

  constructor(options: RowMakerOptions) {
    this.#options = { now: Date.now, readClient: readThisProcess, ...options };
  }

  onSecond({ name, isWhole, isPaced }: ObservedSeries, second: ClosedInterval): void {
    this.#originNs ??= second.fromNs;
    const sinceOriginNs = second.fromNs - this.#originNs + HALF_SECOND_NS;
    const place = Math.floor(sinceOriginNs / (this.#options.everyMs * NS_PER_MS));
    // A second that a worker was late with is in the row under way, and so is what is left of one when
    // the load ends: a row of its own would have a rate by chance.
    const isPiece = second.toNs - second.fromNs < HALF_SECOND_NS;
    if (place > this.#place && !isPiece) this.#endRow();
    if (this.#series.size === 0) this.#begin(second, place);
    this.#toNs = Math.max(this.#toNs, second.toNs);
    const sum = this.#series.get(name) ?? new SeriesSum(isPaced);
    this.#series.set(name, sum);
    sum.add(second);
    if (isWhole) this.#readClient();
  }

  onPause(pause: ObservedPause): void {
    this.#pauses.push(pause);
  }

  onReading(member: string, reading: MemberMetrics): void {
    this.#memberSum(member).add(reading);
    this.#lastReadings.set(member, reading);
  }

  /** The load is over: ends the row under way. The seconds of the drain alone are no row. */
  finish(): void {
    const requests = [...this.#series.values()].reduce((sum, { ended }) => sum + ended, 0);
    const isShort = this.#toNs - this.#fromNs < (this.#options.everyMs * NS_PER_MS) / 2;
    if (requests > 0 || !isShort) this.#endRow();
  }

  /** Hands the row over; none where nothing was measured since the last. */
  #endRow(): void {
    if (this.#series.size === 0) return;
    const { segment, firstRow, onRow } = this.#options;
    const series = [...this.#series].map(([name, sum]) => ({ name, ...sum.figures() }));
    const pausedMs = this.#pausedMs();
    const members = [...this.#members].map(([name, sum]) => ({ name, ...sum.figures() }));
    const row: SoakRow = {
      row: firstRow + this.#rows,
      segment,
      startedAt: new Date(this.#startedAtMs).toISOString(),
      atSeconds: (this.#fromNs - this.#originNs!) / NS_PER_SECOND,
      durationSeconds: (this.#toNs - this.#fromNs) / NS_PER_SECOND,
      series,
      client: {
        rssBytes:
          this.#clientReadings === 0 ? null : this.#clientRssSumBytes / this.#clientReadings,
        openFiles: this.#clientOpenFiles,
        ...(pausedMs > 0 && { pausedMs }),
      },
      members,
    };
    this.#rows += 1;
    for (const sum of this.#series.values()) sum.destroy();
    this.#series = new Map();
    this.#pauses = this.#pauses.filter(
      ({ startNs, durationNs }) => startNs + durationNs > this.#toNs,
    );
    onRow(row);
  }

  #begin(second: ClosedInterval, place: number): void {
    this.#place = place;
    this.#fromNs = second.fromNs;
    this.#toNs = second.toNs;
    this.#startedAtMs = this.#options.now() - (second.toNs - second.fromNs) / NS_PER_MS;
    this.#clientRssSumBytes = 0;
    this.#clientReadings = 0;
    this.#clientOpenFiles = null;
    // One that did not answer in a whole row begins anew with its next reading.
    for (const [member, { isRead }] of this.#members) {
      if (!isRead) this.#lastReadings.delete(member);
    }
    const members = [...this.#members.keys(), ...this.#lastReadings.keys()];
    this.#members = new Map();
    for (const member of members) this.#memberSum(member);
  }

  /** Of the row under way; workers that paused at the same time count once. */
  #pausedMs(): number {
    let pausedNs = 0;
    let countedToNs = this.#fromNs;
    for (const { startNs, durationNs } of this.#pauses.sort((a, b) => a.startNs - b.startNs)) {
      const endNs = Math.min(startNs + durationNs, this.#toNs);
      pausedNs += Math.max(0, endNs - Math.max(startNs, countedToNs));
      countedToNs = Math.max(countedToNs, endNs);
    }
    return pausedNs / NS_PER_MS;
  }

  #readClient(): void {
    const { rssBytes, openFiles } = this.#options.readClient();
    if (rssBytes === null) return;
    this.#clientRssSumBytes += rssBytes;
    this.#clientReadings += 1;
    this.#clientOpenFiles = openFiles;
  }

  #memberSum(member: string): MemberSum {
    const known = this.#members.get(member);
    if (known !== undefined) return known;
    const sum = new MemberSum(this.#lastReadings.get(member) ?? null);
    this.#members.set(member, sum);
    return sum;
  }
}

/** One series within a row. */
class SeriesSum {
  readonly #serviceTime = new LatencyHistogram();
  readonly #responseTime: LatencyHistogram | null;
  readonly #missing = new MissingTimes();
  #succeeded = 0;
  #failed = 0;
  #spanNs = 0;
  #toNs = 0;
  readonly #errors = errorCounts();

  constructor(isPaced: boolean) {
    this.#responseTime = isPaced ? new LatencyHistogram() : null;
  }

  get ended(): number {
    return this.#succeeded + this.#failed;
  }

  add({ succeeded, failed, errors, fromNs, toNs, ...times }: ClosedInterval): void {
    const { serviceTime, responseTime, missing } = times;
    // Seconds of several workers overlap a little.
    this.#spanNs += Math.max(0, toNs - Math.max(fromNs, this.#toNs));
    this.#toNs = Math.max(this.#toNs, toNs);
    this.#succeeded += succeeded;
    this.#failed += failed;
    for (const error of errors) this.#errors.add(error);
    if (serviceTime !== null) this.#serviceTime.addEncoded(serviceTime);
    if (responseTime !== null) this.#responseTime?.addEncoded(responseTime);
    if (missing !== null) this.#missing.add(missing);
  }

  figures(): Omit<SoakRowSeries, "name"> {
    const errors = this.#errors.result();
    return {
      succeeded: this.#succeeded,
      failed: this.#failed,
      durationSeconds: this.#spanNs / NS_PER_SECOND,
      ...(errors.length > 0 && { errors }),
      serviceTime: toLatency(this.#serviceTime, this.#missing.serviceTime),
      responseTime:
        this.#responseTime === null
          ? null
          : toLatency(this.#responseTime, this.#missing.responseTime),
    };
  }

  destroy(): void {
    this.#serviceTime.destroy();
    this.#responseTime?.destroy();
    this.#missing.destroy();
  }
}

/** One member within a row; what its counters rose by counts from the last reading before it. */
class MemberSum {
  readonly #series = new MemberSeries();
  /** Of this row; null: it did not answer, and nothing is known of it. */
  #last: MemberMetrics | null = null;

  constructor(before: MemberMetrics | null) {
    if (before !== null) this.#series.add(before, performance.now());
  }

  get isRead(): boolean {
    return this.#last !== null;
  }

  add(reading: MemberMetrics): void {
    this.#series.add(reading, performance.now());
    this.#last = reading;
  }

  figures(): Omit<SoakRow["members"][number], "name"> {
    const { rssMeanBytes, cpuPercent, walFsyncP99Ms, backendCommitP99Ms } = this.#series.figures();
    return {
      rssBytes: this.#last === null ? null : rssMeanBytes,
      openFiles: this.#last?.openFiles ?? null,
      dbSizeBytes: this.#last?.dbSizeBytes ?? null,
      dbInUseBytes: this.#last?.dbInUseBytes ?? null,
      cpuPercent,
      walFsyncP99Ms,
      backendCommitP99Ms,
    };
  }
}
