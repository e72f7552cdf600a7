/** The progress of a run as plain data, for a display. */
import type { Workforce } from "./load-pool.ts";
import type { RunObserver } from "./observer.ts";
import type { ProfileFile } from "./profiles.ts";
import type { SeenMembers } from "./seen-members.ts";

export interface RunProgress {
  phase: "opening" | "warming" | "measuring" | "draining";
  /** Since the start of the phase. */
  elapsedSeconds: number;
  /** Requests of the measured phase so far. */
  succeeded: number;
  failed: number;
  /** The failed requests by gRPC status name, the most frequent first. */
  errors: readonly { code: string; count: number }[];
  /** Of the last full second; null before there is one. */
  ratePerSec: number | null;
  /** Of the same second, by the clock that the run is judged by; null where the samples do not carry them. */
  p50Ms: number | null;
  p99Ms: number | null;
  /** A lower bound of p99 where requests without an answer could change it, else null. */
  p99AtLeastMs: number | null;
  maxMs: number | null;
  /** Share of the measured phase that is done, 0 to 1, by requests or time, whichever is further. */
  fraction: number;
  /** Until the measured phase ends; null before it is known. */
  secondsLeft: number | null;
}

export interface RunControls {
  /** Called about once a second, and at each change of phase. */
  onProgress?: (progress: RunProgress) => void;
  /** A sentence for the user, e.g. a note that the run goes on with. */
  say?: (line: string) => void;
  /** See the figures of each second and what happens meanwhile. */
  observers?: readonly RunObserver[];
  /** The most intervals that the result has room for, of all series; absent: an hour of seconds. */
  mostIntervals?: number;
  /** Takes the profiles of etcd that the plan asks for, once the result is complete. */
  onProfiles?: (files: readonly ProfileFile[]) => void;
  /** The workers that send; absent: threads of this process. */
  workforce?: Workforce;
  /** Shared by runs whose results are kept together: what joined or left between two is in the later one. */
  seen?: SeenMembers;
  /** Aborting it stops issuing, drains, and yields a result marked `interrupted`. */
  stop?: AbortSignal;
}
