/**
 * Owns which runs of a session of pairs count: those whose partner was measured to its end too. They
 * are known by their labels; what has none is no session's, and counts.
 */
import type { RunResult } from "../result/schema.ts";

export interface WholePairs {
  base: RunResult[];
  head: RunResult[];
  /** Pairs of sessions among them. */
  pairs: number;
  /** Runs that are left out. */
  leftOut: number;
}

export function wholePairs(base: readonly RunResult[], head: readonly RunResult[]): WholePairs {
  const [ofBase, ofHead] = [ended(base), ended(head)];
  const whole = new Set([...ofBase].flatMap(([key, n]) => (ofHead.get(key) === n ? [key] : [])));
  const counts = (run: RunResult) => {
    const key = keyOf(run);
    return key === null || (whole.has(key) && run.status !== "interrupted");
  };
  const kept = { base: base.filter(counts), head: head.filter(counts) };
  const leftOut = base.length + head.length - kept.base.length - kept.head.length;
  return { ...kept, pairs: whole.size, leftOut };
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
