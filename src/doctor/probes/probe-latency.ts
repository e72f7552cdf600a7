/** Collects the latencies of one probe, and gives them as plain figures. */
import { shortened } from "../../shortened.ts";
import { LatencyHistogram } from "../../stats/histogram.ts";
import { type LatencyFigures, latencyFigures } from "../../stats/latency.ts";

const NS_PER_MS = 1e6;
const PERCENTILES = ["p50Ms", "p90Ms", "p99Ms"] as const;
/** Distinct reasons that are kept, and characters of each. */
const MAX_FAULTS = 3;
const MAX_FAULT_CHARS = 200;

/**
 * Milliseconds. A percentile is null where fewer than ten samples lie beyond it or a failed request
 * could change it; `atLeast` and `atMost` then have what is known of it.
 */
export interface ProbeLatency extends LatencyFigures<(typeof PERCENTILES)[number]> {
  /** Requests that were answered. */
  count: number;
  /** Requests that failed, or that had no answer when the probe ended. */
  failed: number;
  /** Why requests failed: distinct reasons, at most three, in the server's words where it answered. */
  faults: string[];
}

/** `initHistograms` comes first. Its memory is freed by `result`. */
export class LatencyProbe {
  readonly #answered = new LatencyHistogram();
  readonly #missing = new LatencyHistogram();
  readonly #faults: string[] = [];

  add(ms: number): void {
    this.#answered.recordNs(ms * NS_PER_MS);
  }

  /** @param waitedMs how long the request had waited when it failed or was given up */
  addFailure(waitedMs: number, reason: string): void {
    this.#missing.recordNs(waitedMs * NS_PER_MS);
    const fault = shortened(reason, MAX_FAULT_CHARS);
    if (this.#faults.length < MAX_FAULTS && !this.#faults.includes(fault)) this.#faults.push(fault);
  }

  /** Once, at the end. */
  result(): ProbeLatency {
    const figures = {
      count: this.#answered.count,
      failed: this.#missing.count,
      faults: this.#faults,
      ...latencyFigures(this.#answered, this.#missing, PERCENTILES),
    };
    this.#answered.destroy();
    this.#missing.destroy();
    return figures;
  }
}
