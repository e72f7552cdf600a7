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

/** Its figures, and all that it takes to make it a part of a longer one. */
export interface ClosedInterval extends IntervalRecord {
  fromNs: number;
  toNs: number;
  figures: Interval;
}

export class OpenInterval {
  snapshots = 0;
  #fromNs = Number.POSITIVE_INFINITY;
  #toNs = 0;
  #succeeded = 0;
  #failed = 0;
  #received: Received | null = null;
  /** Made when there is something to hold: of many series most have nothing in most seconds. */
  #serviceTime: LatencyHistogram | null = null;
  #responseTime: LatencyHistogram | null = null;

  add({ fromNs, toNs }: Pick<SnapshotMessage, "fromNs" | "toNs">, recorded: IntervalRecord): void {
    this.snapshots += 1;
    this.#fromNs = Math.min(this.#fromNs, fromNs);
    this.#toNs = Math.max(this.#toNs, toNs);
    this.#succeeded += recorded.succeeded;
    this.#failed += recorded.failed;
    this.#received = sumOfReceived(this.#received, recorded.received);
    this.#serviceTime = withEncoded(this.#serviceTime, recorded.serviceTime);
    this.#responseTime = withEncoded(this.#responseTime, recorded.responseTime);
  }

  /** Gives the histograms' memory back. */
  close(originNs: number): ClosedInterval {
    const service = this.#serviceTime;
    const response = this.#responseTime;
    const closed: ClosedInterval = {
      fromNs: this.#fromNs,
      toNs: this.#toNs,
      succeeded: this.#succeeded,
      failed: this.#failed,
      received: this.#received,
      figures: this.#figures(originNs),
      serviceTime: service?.takeEncoded() ?? null,
      responseTime: response?.takeEncoded() ?? null,
    };
    service?.destroy();
    response?.destroy();
    return closed;
  }

  #figures(originNs: number): Interval {
    const service = this.#serviceTime;
    const orNull = (ns: number | undefined) => (ns === undefined ? null : rounded(ns / NS_PER_MS));
    return {
      startSeconds: rounded((this.#fromNs - originNs) / NS_PER_SECOND),
      durationSeconds: rounded((this.#toNs - this.#fromNs) / NS_PER_SECOND),
      succeeded: this.#succeeded,
      failed: this.#failed,
      minMs: orNull(service?.minNs),
      meanMs: orNull(service?.meanNs),
      p50Ms: percentileMs(service, 50),
      p99Ms: percentileMs(service, 99),
      maxMs: orNull(service?.maxNs),
      responseP99Ms: percentileMs(this.#responseTime, 99),
      receivedKeys: this.#received?.keys ?? null,
      receivedBytes: this.#received?.bytes ?? null,
    };
  }
}

/** To six decimals, for the size of the file: of a latency, nanoseconds. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** `encoded` is of at least one value. */
function withEncoded(
  histogram: LatencyHistogram | null,
  encoded: Uint8Array | null,
): LatencyHistogram | null {
  if (encoded === null) return histogram;
  const sum = histogram ?? new LatencyHistogram();
  sum.addEncoded(encoded);
  return sum;
}

function percentileMs(histogram: LatencyHistogram | null, percentile: number): number | null {
  if (histogram === null || !carriesPercentile(histogram.count, percentile)) return null;
  return histogram.percentileNs(percentile) / NS_PER_MS;
}

/** Null where neither has any. */
export function sumOfReceived(a: Received | null, b: Received | null): Received | null {
  if (a === null || b === null) return a ?? b;
  return { keys: a.keys + b.keys, bytes: a.bytes + b.bytes };
}
