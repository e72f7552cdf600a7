/**
 * Judges what a watcher of all keys of a run got by the puts that were acknowledged: the longest
 * gap between events, events twice and out of order, events that never came, and how long its
 * stream took to go on after it had ended.
 */
import { emptyOutcomes, OK, type Outcomes } from "./outcomes.ts";

/**
 * In the column `number` of a watcher's row, in place of the number of a put. The revision of
 * WATCH_CREATED is the first one of which events are to come; 0: not known.
 */
export const WATCH_ENDED = -1;
export const WATCH_CREATED = -2;

export interface WatchFigures {
  events: number;
  longestGapMs: number;
  /** When the longest gap began. */
  gapStartMs: number | null;
  duplicates: number;
  /** Their revision is below that of an event before. */
  outOfOrder: number;
  /** Acknowledged puts whose events did not come although later ones did. */
  lost: number;
  /** Acknowledged puts after the last event that came: the watcher did not go on before the end. */
  notDelivered: number;
  /** How often its stream ended and went on, and the longest time from its end to the next event. */
  resumes: number;
  longestResumeMs: number | null;
}

/**
 * @param rows of one watcher: a row for each event, with the put's number and the revision, and one for
 *   each end of its stream and each time that it was created
 * @param puts those of the run, with the revisions of the acknowledged ones
 */
export function watchFigures(rows: Outcomes, puts: Outcomes): WatchFigures {
  const figures: WatchFigures = {
    ...{ events: 0, longestGapMs: 0, gapStartMs: null, duplicates: 0, outOfOrder: 0 },
    ...{ lost: 0, notDelivered: 0, resumes: 0, longestResumeMs: null },
  };
  const seen = new Set<number>();
  const first = firstRevision(rows);
  let [previousMs, highest] = [Number.NaN, 0];
  let endedMs: number | null = null;
  for (let row = 0; row < rows.dueMs.length; row++) {
    const atMs = rows.endMs[row]!;
    const number = rows.number[row]!;
    if (number === WATCH_ENDED) endedMs ??= atMs;
    if (number < 0) continue;
    const revision = rows.revision[row]!;
    figures.events += 1;
    if (seen.has(revision)) figures.duplicates += 1;
    else if (revision < highest) figures.outOfOrder += 1;
    seen.add(revision);
    highest = Math.max(highest, revision);
    if (atMs - previousMs > figures.longestGapMs) {
      figures.longestGapMs = atMs - previousMs;
      figures.gapStartMs = previousMs;
    }
    previousMs = atMs;
    if (endedMs === null) continue;
    figures.resumes += 1;
    figures.longestResumeMs = Math.max(figures.longestResumeMs ?? 0, atMs - endedMs);
    endedMs = null;
  }
  for (const [row, revision] of puts.revision.entries()) {
    if (puts.status[row] !== OK || revision < first || seen.has(revision)) continue;
    if (revision > highest) figures.notDelivered += 1;
    else figures.lost += 1;
  }
  return figures;
}

/**
 * The first revision whose event is due to a watcher. What was put before it was created is not; where
 * it was created before the run, or never, all puts are.
 */
function firstRevision(rows: Outcomes): number {
  const created = rows.number.indexOf(WATCH_CREATED);
  const existed = rows.number.subarray(0, Math.max(0, created)).some((number) => number >= 0);
  if (created < 0 || existed) return 0;
  const since = rows.revision[created]!;
  const events = rows.revision.filter((_, row) => rows.number[row]! >= 0);
  // Through a proxy, events may come from before the revision of the answer.
  return events.reduce(
    (lowest, revision) => Math.min(lowest, revision),
    since > 0 ? since : Number.POSITIVE_INFINITY,
  );
}

/**
 * The deliveries of acknowledged puts as outcomes: due when the put was acknowledged, and never
 * answered where the event did not come. Without those from before the watcher was created.
 */
export function deliveries(rows: Outcomes, puts: Outcomes): Outcomes {
  const arrivals = new Map<number, number>();
  for (let row = 0; row < rows.dueMs.length; row++) {
    const revision = rows.revision[row]!;
    if (rows.number[row]! >= 0 && !arrivals.has(revision)) arrivals.set(revision, rows.endMs[row]!);
  }
  const lastMs = Math.max(rows.endMs.at(-1) ?? 0, puts.endMs.at(-1) ?? 0);
  const first = firstRevision(rows);
  const acknowledged = [...puts.dueMs.keys()]
    .filter((row) => puts.status[row] === OK && puts.revision[row]! >= first)
    .toSorted((a, b) => puts.endMs[a]! - puts.endMs[b]!);
  const found = emptyOutcomes(acknowledged.length);
  for (const [to, row] of acknowledged.entries()) {
    const arrivedMs = arrivals.get(puts.revision[row]!);
    const dueMs = puts.endMs[row]!;
    found.dueMs[to] = dueMs;
    // An event may come before the answer to its put.
    found.endMs[to] = Math.max(dueMs, arrivedMs ?? lastMs);
    found.status[to] = arrivedMs === undefined ? NOT_DELIVERED : OK;
  }
  return found;
}

/** DEADLINE_EXCEEDED: the wait is over. */
const NOT_DELIVERED = 4;
