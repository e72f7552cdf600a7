/** Defines one phase of load, and the part of its outcome that its recorders do not hold. */
import type { Arrivals } from "./pacing/arrivals.ts";
import type { Recorder } from "./recording/recorder.ts";
import type { Workload } from "./workload.ts";

/** One stretch of load: the path's warm-up, the real warm-up, or a measured slice. */
export interface Phase {
  workload: Workload;
  /** One for each series of the workload; the first is the whole operation's. */
  recorders: readonly Recorder[];
  /** By slot, which of them the requests of its endpoint are recorded in, too, or -1; null or absent: in none. */
  apart?: Int32Array | null;
  /** Null: a closed loop, in which each client sends again as soon as it has its answer. */
  arrivals: Arrivals | null;
  /** Operations of this worker; Infinity without a total. */
  requests: number;
  startNs: number;
  /** Nothing is due at or after this time; Infinity without a duration. A closed loop begins no
   * operation from then on; a paced phase still sends what was due before, for a timeout at most. */
  endNs: number;
  /** Absent: it is. */
  isMeasured?: boolean;
}

export interface PhaseOutcome {
  started: number;
  /** Due before the end, and never sent; how long each had waited is in the recorders. */
  dropped: number;
  /** When the last request ended, in this thread's time. */
  lastEndNs: number;
  /** When the last effect of an operation came; `lastEndNs` where no later one did. */
  lastEffectNs: number;
  /** When the last request was sent, and when it was due; the phase's start without one. */
  lastSendNs: number;
  lastDueNs: number;
  /** When the phase's load began, at its start or later. */
  beganNs: number;
}
