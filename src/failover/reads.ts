/**
 * Judges what reads brought by what had been acknowledged before: a linearizable read must never go
 * back, and a serializable one may be stale, by revisions and by time.
 */
import { OK, type Outcomes } from "./outcomes.ts";

export interface ReadFigures {
  answered: number;
  /** Their revision is below one that had been acknowledged when the read was due. */
  stale: number;
  /** The key had been put and acknowledged before, and was not there. */
  notFound: number;
  longestStaleMs: number;
  mostRevisionsBehind: number;
}

/**
 * Of a read's row, `revision` is that of its answer, `known` the highest that had been acknowledged
 * when it was sent, and `number` 0 where an acknowledged key was not found.
 * @param answered what tells when each revision was acknowledged: puts and linearizable reads
 */
export function readFigures(reads: Outcomes, answered: Outcomes): ReadFigures {
  const acknowledged = acknowledgements(answered);
  const figures = {
    ...{ answered: 0, stale: 0, notFound: 0 },
    ...{ longestStaleMs: 0, mostRevisionsBehind: 0 },
  };
  for (let row = 0; row < reads.dueMs.length; row++) {
    if (reads.status[row] !== OK) continue;
    figures.answered += 1;
    if (reads.number[row] === 0) figures.notFound += 1;
    const [revision, known] = [reads.revision[row]!, reads.known[row]!];
    if (revision >= known) continue;
    figures.stale += 1;
    figures.mostRevisionsBehind = Math.max(figures.mostRevisionsBehind, known - revision);
    const sinceMs = firstAboveMs(acknowledged, revision);
    if (sinceMs === null) continue;
    figures.longestStaleMs = Math.max(figures.longestStaleMs, reads.dueMs[row]! - sinceMs);
  }
  return figures;
}

interface Acknowledgement {
  atMs: number;
  revision: number;
}

/** The times at which the highest acknowledged revision rose. */
function acknowledgements(answered: Outcomes): Acknowledgement[] {
  const found: Acknowledgement[] = [];
  for (let row = 0; row < answered.dueMs.length; row++) {
    if (answered.status[row] !== OK) continue;
    found.push({ atMs: answered.endMs[row]!, revision: answered.revision[row]! });
  }
  found.sort((a, b) => a.atMs - b.atMs);
  let highest = 0;
  return found.filter(({ revision }) => {
    if (revision <= highest) return false;
    highest = revision;
    return true;
  });
}

function firstAboveMs(acknowledged: readonly Acknowledgement[], revision: number): number | null {
  let [low, high] = [0, acknowledged.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (acknowledged[middle]!.revision > revision) high = middle;
    else low = middle + 1;
  }
  return acknowledged[low]?.atMs ?? null;
}
