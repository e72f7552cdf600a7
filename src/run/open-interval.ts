/** Adds up one interval of one series while its parts come in: snapshots, or shorter intervals. */
import type { SnapshotMessage } from "../load/messages.ts";
import type { Received, RecorderSnapshot } from "../load/recording/recorder.ts";
import type { Interval } from "../result/schema.ts";
import { type ErrorCount, errorCounts } from "../stats/distinct-counts.ts";
import { FilledHistogram } from "../stats/filled-histogram.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import {
  figuresOfDistribution,
  type LatencyFigures,
  type PercentileField,
} from "../stats/latency.ts";

const NS_PER_SECOND = 1e9;

/** What an interval is made of. */
export type IntervalRecord = Pick<
  RecorderSnapshot,
  "succeeded" | "failed" | "received" | "serviceTime" | "responseTime" | "missing"
> & { errors: readonly ErrorCount[] };

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
  readonly #errors = errorCounts();
  #received: Received | null = null;
  /** Encoded, as they came: nearly always one or none. */
  readonly #serviceTimes: Uint8Array[] = [];
  readonly #responseTimes: Uint8Array[] = [];
  readonly #missingServiceTimes: Uint8Array[] = [];
  readonly #missingResponseTimes: Uint8Array[] = [];

  add({ fromNs, toNs }: Pick<SnapshotMessage, "fromNs" | "toNs">, recorded: IntervalRecord): void {
    this.snapshots += 1;
    this.#fromNs = Math.min(this.#fromNs, fromNs);
    this.#toNs = Math.max(this.#toNs, toNs);
    this.#succeeded += recorded.succeeded;
    this.#failed += recorded.failed;
    for (const error of recorded.errors) this.#errors.add(error);
    this.#received = sumOfReceived(this.#received, recorded.received);
    if (recorded.serviceTime !== null) this.#serviceTimes.push(recorded.serviceTime);
    if (recorded.responseTime !== null) this.#responseTimes.push(recorded.responseTime);
    const { serviceTime = null, responseTime = null } = recorded.missing ?? {};
    if (serviceTime !== null) this.#missingServiceTimes.push(serviceTime);
    if (responseTime !== null) this.#missingResponseTimes.push(responseTime);
  }

  close(): ClosedInterval {
    const missing = {
      serviceTime: together(this.#missingServiceTimes),
      responseTime: together(this.#missingResponseTimes),
    };
    return {
      fromNs: this.#fromNs,
      toNs: this.#toNs,
      succeeded: this.#succeeded,
      failed: this.#failed,
      errors: this.#errors.result(),
      received: this.#received,
      serviceTime: together(this.#serviceTimes),
      responseTime: together(this.#responseTimes),
      missing: missing.serviceTime === null && missing.responseTime === null ? null : missing,
    };
  }
}

/** What was worked out before: of a second the progress, the observers and the result have them. */
const known = new WeakMap<ClosedInterval, { originNs: number; figures: Interval }>();

/** `originNs` is the run's start. */
export function figuresOf(closed: ClosedInterval, originNs: number): Interval {
  const before = known.get(closed);
  if (before !== undefined && before.originNs === originNs) return before.figures;
  const figures = workedOut(closed, originNs);
  known.set(closed, { originNs, figures });
  return figures;
}

function workedOut(closed: ClosedInterval, originNs: number): Interval {
  const { atLeast, ...service } = figuresOn(closed, "serviceTime", ["p50Ms", "p99Ms"]);
  const { atLeast: responseAtLeast, ...response } = figuresOn(closed, "responseTime", [
    "p50Ms",
    "p99Ms",
  ]);
  const least = Object.entries({
    ...atLeast,
    responseMeanMs: responseAtLeast?.meanMs,
    responseP50Ms: responseAtLeast?.p50Ms,
    responseP99Ms: responseAtLeast?.p99Ms,
    responseMaxMs: responseAtLeast?.maxMs,
  }).filter(([, ms]) => ms !== undefined);
  const isPaced = closed.responseTime !== null || (closed.missing?.responseTime ?? null) !== null;
  return {
    startSeconds: rounded((closed.fromNs - originNs) / NS_PER_SECOND),
    durationSeconds: rounded((closed.toNs - closed.fromNs) / NS_PER_SECOND),
    succeeded: closed.succeeded,
    failed: closed.failed,
    minMs: shortened(service.minMs),
    meanMs: shortened(service.meanMs),
    p50Ms: shortened(service.p50Ms),
    p99Ms: shortened(service.p99Ms),
    maxMs: shortened(service.maxMs),
    responseP99Ms: shortened(response.p99Ms),
    ...(isPaced
      ? {
          responseMinMs: shortened(response.minMs),
          responseMeanMs: shortened(response.meanMs),
          responseP50Ms: shortened(response.p50Ms),
          responseMaxMs: shortened(response.maxMs),
        }
      : {}),
    atLeast:
      least.length === 0
        ? null
        : Object.fromEntries(least.map(([figure, ms]) => [figure, shortened(ms!)])),
    receivedKeys: closed.received?.keys ?? null,
    receivedBytes: closed.received?.bytes ?? null,
  };
}

function figuresOn<P extends PercentileField>(
  closed: ClosedInterval,
  clock: "serviceTime" | "responseTime",
  percentiles: readonly P[],
): LatencyFigures<P> {
  const answered = FilledHistogram.of(closed[clock]);
  const missing = closed.missing?.[clock] ?? null;
  const all = missing === null ? answered : answered.with(FilledHistogram.of(missing));
  return figuresOfDistribution(answered, all, percentiles);
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

/** Five digits, for the size of the file: the histogram knows three. */
function shortened<T extends number | null>(ms: T): T {
  return (ms === null ? null : Number(ms.toPrecision(5))) as T;
}

/** To a microsecond, for the size of the file. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Null where neither has any. */
export function sumOfReceived(a: Received | null, b: Received | null): Received | null {
  if (a === null || b === null) return a ?? b;
  return { keys: a.keys + b.keys, bytes: a.bytes + b.bytes };
}
