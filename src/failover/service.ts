/**
 * What one group of requests saw of a fault: unavailability windows, first error and first answer,
 * requests lost, and when its old rate and latency were back.
 */
import { NEVER_SENT } from "../load/recording/request-log.ts";
import { percentileOf, percentileUpperBound } from "../stats/order-interval.ts";
import { isGood, OK, type Outcomes } from "./outcomes.ts";
import { lengthMs, type UnavailabilityWindow, unavailabilityWindows } from "./windows.ts";

/** For so long the old rate and latency must hold, and by so much they may differ. */
export const HOLDS_FOR_MS = 5_000;
const TOLERANCE = 0.05;
const STEP_MS = 100;
const P99 = 0.99;
/** Points of a timeline. */
const BIN_MS = 100;

export interface ServiceFigures {
  /** Requests that were due, and how each ended. `slow` were answered well, after `slowMs`. */
  due: number;
  good: number;
  slow: number;
  failed: number;
  neverSent: number;
  /** Good ones of those due; null where none was due. */
  availabilityPercent: number | null;
  windows: UnavailabilityWindow[];
  longestWindowMs: number;
  unavailableMs: number;
  /** Requests due after the fault that did not get a good answer: the area below the offered rate. */
  requestsLost: number | null;
  /** From the fault on: when the first bad request was due; null where none was. */
  firstErrorMs: number | null;
  /** From the fault on: the first good answer after that; null where none came. */
  firstSuccessMs: number | null;
  /** From the fault on: from when 95% got good answers for 5 s; null where that was not seen. */
  fullRateMs: number | null;
  /** The same, and the 99th percentile was at most 5% above that before the fault. */
  fullSpeedMs: number | null;
  timeline: Timeline;
}

/** By bins of `binMs` from `startMs` on: requests due in each, and those of them that were good. */
export interface Timeline {
  startMs: number;
  binMs: number;
  due: number[];
  good: number[];
}

/** @param faultMs null: a run without a fault */
export function serviceFigures(
  outcomes: Outcomes,
  slowMs: number,
  faultMs: number | null,
): ServiceFigures {
  const { dueMs, endMs, status } = outcomes;
  const count = { good: 0, slow: 0, failed: 0, neverSent: 0 };
  for (let row = 0; row < dueMs.length; row++) {
    if (status[row] === NEVER_SENT) count.neverSent += 1;
    else if (status[row] !== OK) count.failed += 1;
    else if (endMs[row]! - dueMs[row]! > slowMs) count.slow += 1;
    else count.good += 1;
  }
  const windows = unavailabilityWindows(outcomes, slowMs);
  const lengths = windows.map(lengthMs);
  const due = dueMs.length;
  return {
    due,
    ...count,
    availabilityPercent: due === 0 ? null : (100 * count.good) / due,
    windows,
    longestWindowMs: Math.max(0, ...lengths),
    unavailableMs: lengths.reduce((sum, each) => sum + each, 0),
    ...sinceFault(outcomes, windows, slowMs, faultMs),
    timeline: timelineOf(outcomes, slowMs),
  };
}

type SinceFault = Pick<
  ServiceFigures,
  "requestsLost" | "firstErrorMs" | "firstSuccessMs" | "fullRateMs" | "fullSpeedMs"
>;

function sinceFault(
  outcomes: Outcomes,
  windows: readonly UnavailabilityWindow[],
  slowMs: number,
  faultMs: number | null,
): SinceFault {
  if (faultMs === null) {
    return {
      ...{ requestsLost: null, firstErrorMs: null, firstSuccessMs: null },
      ...{ fullRateMs: null, fullSpeedMs: null },
    };
  }
  // A request that was in flight when the fault began is the first that it touched.
  const touched = windows.filter(({ endMs }) => endMs > faultMs);
  const [first] = touched;
  const fullRateMs = oldRateMs(outcomes, touched, slowMs, faultMs);
  const fullSpeedMs =
    fullRateMs === null ? null : oldSpeedMs(outcomes, slowMs, faultMs, fullRateMs + faultMs);
  return {
    requestsLost: touched.reduce((sum, { requests }) => sum + requests, 0),
    firstErrorMs: first === undefined ? null : Math.max(0, first.startMs - faultMs),
    firstSuccessMs: first === undefined || first.isOpen ? null : first.endMs - faultMs,
    fullRateMs,
    fullSpeedMs,
  };
}

/** The end of the first window, or the fault itself, from which on the rate holds. */
function oldRateMs(
  outcomes: Outcomes,
  touched: readonly UnavailabilityWindow[],
  slowMs: number,
  faultMs: number,
): number | null {
  for (const fromMs of touched.length === 0 ? [faultMs] : touched.map(({ endMs }) => endMs)) {
    const held = shareOfGood(outcomes, slowMs, fromMs);
    if (held === null) return null;
    if (held >= 1 - TOLERANCE) return fromMs - faultMs;
  }
  return null;
}

/** Of those due in the time for which a rate must hold; null where the run was over before. */
function shareOfGood(outcomes: Outcomes, slowMs: number, fromMs: number): number | null {
  const { dueMs } = outcomes;
  if ((dueMs.at(-1) ?? 0) < fromMs + HOLDS_FOR_MS * (1 - TOLERANCE)) return null;
  let [due, good] = [0, 0];
  for (let row = firstDueFrom(dueMs, fromMs); row < dueMs.length; row++) {
    if (dueMs[row]! >= fromMs + HOLDS_FOR_MS) break;
    due += 1;
    if (isGood(outcomes, row, slowMs)) good += 1;
  }
  return due === 0 ? null : good / due;
}

function oldSpeedMs(
  outcomes: Outcomes,
  slowMs: number,
  faultMs: number,
  fromMs: number,
): number | null {
  const { dueMs } = outcomes;
  const before = waits(outcomes, 0, faultMs - slowMs);
  if (before.length === 0) return null;
  const boundMs = (1 + TOLERANCE) * percentileUpperBound(before, P99);
  const lastMs = dueMs.at(-1) ?? 0;
  for (let ms = fromMs; ms + HOLDS_FOR_MS * (1 - TOLERANCE) <= lastMs; ms += STEP_MS) {
    const after = waits(outcomes, ms, ms + HOLDS_FOR_MS);
    if (after.length > 0 && percentileOf(after, P99) <= boundMs) return ms - faultMs;
  }
  return null;
}

/** How long the requests due in [fromMs, toMs) waited, in order; one without an answer for ever. */
function waits(outcomes: Outcomes, fromMs: number, toMs: number): Float64Array {
  const { dueMs, endMs, status } = outcomes;
  const found: number[] = [];
  for (let row = firstDueFrom(dueMs, fromMs); row < dueMs.length && dueMs[row]! < toMs; row++) {
    found.push(status[row] === OK ? endMs[row]! - dueMs[row]! : Number.POSITIVE_INFINITY);
  }
  return Float64Array.from(found).sort();
}

function firstDueFrom(dueMs: Float64Array, fromMs: number): number {
  let [low, high] = [0, dueMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dueMs[middle]! < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function timelineOf(outcomes: Outcomes, slowMs: number): Timeline {
  const { dueMs } = outcomes;
  const bins = dueMs.length === 0 ? 0 : Math.floor(Math.max(0, dueMs.at(-1)!) / BIN_MS) + 1;
  const due = new Array<number>(bins).fill(0);
  const good = new Array<number>(bins).fill(0);
  for (let row = 0; row < dueMs.length; row++) {
    const bin = Math.max(0, Math.floor(dueMs[row]! / BIN_MS));
    due[bin]! += 1;
    if (isGood(outcomes, row, slowMs)) good[bin]! += 1;
  }
  return { startMs: 0, binMs: BIN_MS, due, good };
}
