/**
 * Owns the latencies of those requests that something outside of the load touched, a subset of all:
 * a worker records them, the main thread adds them up, and the rest is what remains of all.
 */
import type { Latency } from "../result/schema.ts";
import { LatencyHistogram } from "./histogram.ts";
import { toLatency } from "./latency.ts";

/** Histograms are encoded; null where nothing was recorded. */
export interface TouchedSnapshot {
  failed: number;
  serviceTime: Uint8Array | null;
  responseTime: Uint8Array | null;
}

export class TouchedLatency {
  failed = 0;
  readonly serviceTime = new LatencyHistogram();
  readonly responseTime = new LatencyHistogram();

  add({ failed, serviceTime, responseTime }: TouchedSnapshot): void {
    this.failed += failed;
    if (serviceTime !== null) this.serviceTime.addEncoded(serviceTime);
    if (responseTime !== null) this.responseTime.addEncoded(responseTime);
  }

  destroy(): void {
    this.serviceTime.destroy();
    this.responseTime.destroy();
  }
}

/** Of the samples of `all` that are not in `part`. */
export function latencyWithout(all: LatencyHistogram, part: LatencyHistogram): Latency {
  const rest = new LatencyHistogram();
  rest.add(all);
  rest.subtract(part);
  const latency = toLatency(rest);
  rest.destroy();
  return latency;
}
