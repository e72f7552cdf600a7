/**
 * Sets the histograms of a second aside, to be encoded afterwards: one in each step, so that a thread
 * that measures can send between two of them.
 */
import type { LatencyCounts } from "../../stats/latency-counts.ts";
import type { DuringEventsSnapshot } from "../../stats/latency-during-events.ts";
import type { MissingSnapshot } from "../../stats/missing-times.ts";
import type { CountsDuringEvents, MissingCounts } from "./missing-counts.ts";

export class EncodeSteps {
  /** Each fills in one histogram of what the methods below have returned or were given. */
  readonly steps: (() => void)[] = [];

  /** Leaves the field as it is where nothing was recorded. */
  encode<Field extends string>(
    target: Partial<Record<Field, Uint8Array | null>>,
    field: Field,
    counts: LatencyCounts | null,
  ): void {
    const encoded = counts?.retire() ?? null;
    if (encoded === null) return;
    this.steps.push(() => {
      target[field] = encoded();
    });
  }

  /** Null where nothing was recorded. */
  missing(counts: MissingCounts | null): MissingSnapshot | null {
    if (counts === null) return null;
    const before = this.steps.length;
    const snapshot: MissingSnapshot = { serviceTime: null, responseTime: null };
    this.encode(snapshot, "serviceTime", counts.serviceTime);
    this.encode(snapshot, "responseTime", counts.responseTime);
    return this.steps.length > before ? snapshot : null;
  }

  /** Null where nothing was recorded. */
  duringEvents(counts: CountsDuringEvents | null): DuringEventsSnapshot | null {
    if (counts === null) return null;
    const before = this.steps.length;
    const { failed } = counts;
    const missing = this.missing(counts.missing);
    const snapshot: DuringEventsSnapshot = {
      failed,
      serviceTime: null,
      responseTime: null,
      missing,
    };
    this.encode(snapshot, "serviceTime", counts.serviceTime);
    this.encode(snapshot, "responseTime", counts.responseTime);
    counts.failed = 0;
    return failed > 0 || this.steps.length > before ? snapshot : null;
  }
}
