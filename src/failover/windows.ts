/**
 * Finds the unavailability windows of a group of requests: the longest stretches in which every
 * request that was due failed, was never sent, or took longer than a bound.
 */
import { isGood, type Outcomes } from "./outcomes.ts";

export interface UnavailabilityWindow {
  /** When the first request of the window was due. */
  startMs: number;
  /** When the first good answer after it came; the last time known where none came. */
  endMs: number;
  /** Requests due in it. */
  requests: number;
  /** No good answer followed: the run was over before. */
  isOpen: boolean;
}

/**
 * A server that answers all waiting requests at once when it is back leaves those that were due
 * shortly before with a short wait. The window still ends with their answer, and not when they were
 * due, so that its length is that of the outage and does not depend on `slowMs`.
 */
export function unavailabilityWindows(outcomes: Outcomes, slowMs: number): UnavailabilityWindow[] {
  const { dueMs, endMs } = outcomes;
  const rows = dueMs.length;
  const windows: UnavailabilityWindow[] = [];
  for (let row = 0; row < rows; row++) {
    if (isGood(outcomes, row, slowMs)) continue;
    const first = row;
    let latestMs = endMs[row]!;
    for (; row < rows && !isGood(outcomes, row, slowMs); row++) {
      latestMs = Math.max(latestMs, dueMs[row]!, endMs[row]!);
    }
    const isOpen = row === rows;
    const window = {
      startMs: dueMs[first]!,
      endMs: isOpen ? latestMs : firstGoodEndMs(outcomes, row, slowMs),
      requests: row - first,
      isOpen,
    };
    const before = windows.at(-1);
    // The good request between the two was due in the window before, and ends it later.
    if (before === undefined || window.startMs >= before.endMs) windows.push(window);
    else windows.splice(-1, 1, joined(before, window));
  }
  return windows;
}

function joined(
  before: UnavailabilityWindow,
  { endMs, requests, isOpen }: UnavailabilityWindow,
): UnavailabilityWindow {
  return {
    startMs: before.startMs,
    endMs: Math.max(before.endMs, endMs),
    requests: before.requests + requests,
    isOpen,
  };
}

/** The first to end of the good requests that were due from `row` on. */
function firstGoodEndMs(outcomes: Outcomes, row: number, slowMs: number): number {
  const { dueMs, endMs } = outcomes;
  let firstMs = endMs[row]!;
  for (let next = row + 1; next < dueMs.length && dueMs[next]! < firstMs; next++) {
    if (isGood(outcomes, next, slowMs)) firstMs = Math.min(firstMs, endMs[next]!);
  }
  return firstMs;
}

export function lengthMs({ startMs, endMs }: UnavailabilityWindow): number {
  return endMs - startMs;
}
