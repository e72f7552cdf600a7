/** Owns one interval of one series while what was recorded in it comes in: snapshots, or shorter intervals. */
import type { SnapshotMessage } from "../load/messages.ts";
import type { Received, RecorderSnapshot } from "../load/recording/recorder.ts";
import type { Interval } from "../result/schema.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import { carriesPercentile, NS_PER_MS } from "../stats/latency.ts";

const NS_PER_SECOND = 1e9;

/** What an interval is made of. */
export type IntervalRecord = Pick<
  RecorderSnapshot,
  "succeeded" | "failed" | "received" | "serviceTime" | "responseTime"
>;

/** All that its figures are made of, and a longer interval of which it is a part. */
export interface ClosedInterval extends IntervalRecord {
  fromNs: number;
  toNs: number;
}

export class OpenInterval {
  snapshots = 0;
  #fromNs = Number.POSITIVE_INFINITY;
  #toNs = 0;
  #succeeded = 0;
  #failed = 0;
  #received: Received | null = null;
  /** Encoded, as they came: nearly always one or none. */
  readonly #serviceTimes: Uint8Array[] = [];
  readonly #responseTimes: Uint8Array[] = [];

  add({ fromNs, toNs }: Pick<SnapshotMessage, "fromNs" | "toNs">, recorded: IntervalRecord): void {
    this.snapshots += 1;
    this.#fromNs = Math.min(this.#fromNs, fromNs);
    this.#toNs = Math.max(this.#toNs, toNs);
    this.#succeeded += recorded.succeeded;
    this.#failed += recorded.failed;
    this.#received = sumOfReceived(this.#received, recorded.received);
    if (recorded.serviceTime !== null) this.#serviceTimes.push(recorded.serviceTime);
    if (recorded.responseTime !== null) this.#responseTimes.push(recorded.responseTime);
  }

  close(): ClosedInterval {
    return {
      fromNs: this.#fromNs,
      toNs: this.#toNs,
      succeeded: this.#succeeded,
      failed: this.#failed,
      received: this.#received,
      serviceTime: together(this.#serviceTimes),
      responseTime: together(this.#responseTimes),
    };
  }
}

/** `originNs` is the run's start. A walk through all buckets, for which a measured second has no time. */
export function figuresOf(closed: ClosedInterval, originNs: number): Interval {
  const service = decoded(closed.serviceTime);
  const response = decoded(closed.responseTime);
  const orNull = (ns: number | undefined) => (ns === undefined ? null : latencyMs(ns));
  const figures: Interval = {
    startSeconds: rounded((closed.fromNs - originNs) / NS_PER_SECOND),
    durationSeconds: rounded((closed.toNs - closed.fromNs) / NS_PER_SECOND),
    succeeded: closed.succeeded,
    failed: closed.failed,
    minMs: orNull(service?.minNs),
    meanMs: orNull(service?.meanNs),
    p50Ms: percentileMs(service, 50),
    p99Ms: percentileMs(service, 99),
    maxMs: orNull(service?.maxNs),
    responseMinMs: orNull(response?.minNs),
    responseMeanMs: orNull(response?.meanNs),
    responseP50Ms: percentileMs(response, 50),
    responseP99Ms: percentileMs(response, 99),
    responseMaxMs: orNull(response?.maxNs),
    atLeast: null,
    receivedKeys: closed.received?.keys ?? null,
    receivedBytes: closed.received?.bytes ?? null,
  };
  service?.destroy();
  response?.destroy();
  return figures;
}

/** One histogram of several, encoded as they are; null of none. */
function together(encoded: readonly Uint8Array[]): Uint8Array | null {
  if (encoded.length < 2) return encoded[0] ?? null;
  const sum = new LatencyHistogram();
  for (const each of encoded) sum.addEncoded(each);
  const all = sum.encode();
  sum.destroy();
  return all;
}

function decoded(encoded: Uint8Array | null): LatencyHistogram | null {
  if (encoded === null) return null;
  const histogram = new LatencyHistogram();
  histogram.addEncoded(encoded);
  return histogram;
}

/** Five digits, for the size of the file: the histogram knows three. */
function latencyMs(ns: number): number {
  return Number((ns / NS_PER_MS).toPrecision(5));
}

/** To a microsecond, for the size of the file. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function percentileMs(histogram: LatencyHistogram | null, percentile: number): number | null {
  if (histogram === null || !carriesPercentile(histogram.count, percentile)) return null;
  return latencyMs(histogram.percentileNs(percentile));
}

/** Null where neither has any. */
export function sumOfReceived(a: Received | null, b: Received | null): Received | null {
  if (a === null || b === null) return a ?? b;
  return { keys: a.keys + b.keys, bytes: a.bytes + b.bytes };
}
