/**
 * Adds up the latencies of the requests that were due or in flight during events, a subset of all
 * requests, and subtracts them from all to get those of the others.
 */
import type { Latency } from "../result/schema.ts";
import { LatencyHistogram } from "./histogram.ts";
import { toLatency } from "./latency.ts";
import { type MissingSnapshot, MissingTimes } from "./missing-times.ts";

/** Histograms are encoded; null where nothing was recorded. */
export interface DuringEventsSnapshot {
  failed: number;
  serviceTime: Uint8Array | null;
  responseTime: Uint8Array | null;
  missing: MissingSnapshot | null;
}

export class LatencyDuringEvents {
  failed = 0;
  readonly serviceTime = new LatencyHistogram();
  readonly responseTime = new LatencyHistogram();
  readonly missing = new MissingTimes();

  add({ failed, serviceTime, responseTime, missing }: DuringEventsSnapshot): void {
    this.failed += failed;
    if (serviceTime !== null) this.serviceTime.addEncoded(serviceTime);
    if (responseTime !== null) this.responseTime.addEncoded(responseTime);
    if (missing !== null) this.missing.add(missing);
  }

  destroy(): void {
    this.serviceTime.destroy();
    this.responseTime.destroy();
    this.missing.destroy();
  }
}

/** Of the samples of `all` that are not in `part`, and of those that are missing, likewise. */
export function latencyWithout(
  all: LatencyHistogram,
  part: LatencyHistogram,
  allMissing: LatencyHistogram | null,
  partMissing: LatencyHistogram,
): Latency {
  const rest = difference(all, part);
  const missing = allMissing === null ? null : difference(allMissing, partMissing);
  const latency = toLatency(rest, missing);
  rest.destroy();
  missing?.destroy();
  return latency;
}

function difference(all: LatencyHistogram, part: LatencyHistogram): LatencyHistogram {
  const rest = new LatencyHistogram();
  rest.add(all);
  rest.subtract(part);
  return rest;
}
