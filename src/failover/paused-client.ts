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

/** Of a time that counts from the fault on; null where there is none. */
export function timeWithoutPauses(
  timeMs: number | null,
  faultMs: number,
  pausedMs: PausedMs,
): number | null {
  return timeMs === null ? null : Math.max(0, timeMs - pausedMs(faultMs, faultMs + timeMs));
}
