/**
 * Takes the client's own pauses out of the times that a fault cost: while it was stopped it sent
 * nothing and heard nothing, so that only the rest is the cluster's for certain.
 */
import type { AvailabilityGroup } from "../result/availability-schema.ts";
import { pausedMsWithin, workerPauses } from "../result/pauses.ts";
import type { RunResult } from "../result/schema.ts";
import { lengthMs, type UnavailabilityWindow } from "./windows.ts";

/** For how long the client of one run paused between two times, which count from its start. */
export type PausedMs = (fromMs: number, toMs: number) => number;

export function pausedMsOf({ client: { pauses } }: RunResult): PausedMs {
  const listed = pauses === null ? [] : workerPauses(pauses);
  return (fromMs, toMs) => pausedMsWithin(listed, fromMs / 1e3, toMs / 1e3);
}

/** The longest window of a group, and all of them together. */
export function windowsWithoutPauses(
  { windows }: AvailabilityGroup,
  pausedMs: PausedMs,
): { longestMs: number; totalMs: number } {
  const lengths = windows.map((window: UnavailabilityWindow) =>
    Math.max(0, lengthMs(window) - pausedMs(window.startMs, window.endMs)),
  );
  return {
    longestMs: Math.max(0, ...lengths),
    totalMs: lengths.reduce((sum, each) => sum + each, 0),
  };
}

/** Null: there is none. */
export function longestWindow(
  windows: readonly UnavailabilityWindow[],
): UnavailabilityWindow | null {
  return windows.toSorted((a, b) => lengthMs(b) - lengthMs(a))[0] ?? null;
}

/**
 * The windows of a group that pauses do not explain: what is left of each without them. Of one in which
 * the client paused, less than `slowMs` is no window, since no request waited longer without the pause.
 */
export function windowsBeyondPauses(
  { windows }: AvailabilityGroup,
  pausedMs: PausedMs,
  slowMs: number,
): { restMs: number; isPaused: boolean }[] {
  return windows.flatMap((window) => {
    const paused = pausedMs(window.startMs, window.endMs);
    const restMs = lengthMs(window) - paused;
    return paused > 0 && restMs < slowMs ? [] : [{ restMs, isPaused: paused > 0 }];
  });
}

/** Of a time that counts from the fault on; null where there is none. */
export function timeWithoutPauses(
  timeMs: number | null,
  faultMs: number,
  pausedMs: PausedMs,
): number | null {
  return timeMs === null ? null : Math.max(0, timeMs - pausedMs(faultMs, faultMs + timeMs));
}
