/**
 * Selects the runs of `bench ab` that are in complete pairs: both runs of the pair were measured to
 * their end. A pair is known by the labels of its runs; runs without them are of no session, and count.
 */
import type { RunResult } from "../result/schema.ts";

export interface CompletePairs {
  base: RunResult[];
  head: RunResult[];
  /** Complete pairs of sessions among them. */
  pairs: number;
  /** Runs that are left out. */
  leftOut: number;
}

export function completePairs(
  base: readonly RunResult[],
  head: readonly RunResult[],
): CompletePairs {
  const [ofBase, ofHead] = [ended(base), ended(head)];
  const complete = new Set([...ofBase].flatMap(([key, n]) => (ofHead.get(key) === n ? [key] : [])));
  const counts = (run: RunResult) => {
    const key = keyOf(run);
    return key === null || (complete.has(key) && run.status !== "interrupted");
  };
  const kept = { base: base.filter(counts), head: head.filter(counts) };
  const leftOut = base.length + head.length - kept.base.length - kept.head.length;
  return { ...kept, pairs: complete.size, leftOut };
}

/** How many runs of each pair went on to their end. */
function ended(runs: readonly RunResult[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const run of runs) {
    const key = keyOf(run);
    if (key === null || run.status === "interrupted") continue;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function keyOf({ plan: { labels } }: RunResult): string | null {
  const { session, pair } = labels;
  return session === undefined || pair === undefined ? null : `${session} ${pair}`;
}
