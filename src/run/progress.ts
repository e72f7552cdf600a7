/** Owns what a run tells of itself while it goes on: plain data for a progress display. */

export interface RunProgress {
  phase: "opening" | "warming" | "measuring" | "draining";
  /** Since the start of the phase. */
  elapsedSeconds: number;
  /** Requests of the measured phase so far. */
  succeeded: number;
  failed: number;
  /** Of the last full second; null before there is one. */
  ratePerSec: number | null;
  p99Ms: number | null;
  /** Share of the measured phase that is done, 0 to 1, by requests or time, whichever is further. */
  fraction: number;
  /** Until the measured phase ends; null before it can be told. */
  secondsLeft: number | null;
}

export interface RunControls {
  /** Called about once a second, and at each change of phase. */
  onProgress?: (progress: RunProgress) => void;
  /** A sentence for the person, e.g. a note that the run goes on with. */
  say?: (line: string) => void;
  /** Aborting it stops issuing, drains, and yields a result marked `interrupted`. */
  stop?: AbortSignal;
}
