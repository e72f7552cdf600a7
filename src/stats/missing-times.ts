/**
 * Histograms of how long requests without a latency had waited when they failed or were given up,
 * on both clocks, as the main thread adds them up from what the workers have recorded.
 */
import { LatencyHistogram } from "./histogram.ts";

/** Histograms are encoded; null where nothing was recorded. */
export interface MissingSnapshot {
  serviceTime: Uint8Array | null;
  responseTime: Uint8Array | null;
}

export class MissingTimes {
  readonly serviceTime = new LatencyHistogram();
  readonly responseTime = new LatencyHistogram();

  add({ serviceTime, responseTime }: MissingSnapshot): void {
    if (serviceTime !== null) this.serviceTime.addEncoded(serviceTime);
    if (responseTime !== null) this.responseTime.addEncoded(responseTime);
  }

  destroy(): void {
    this.serviceTime.destroy();
    this.responseTime.destroy();
  }
}
