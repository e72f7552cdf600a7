/** Owns which of a result's moments fell into a stretch of its time, and what they are called. */
import type { Moment } from "./schema.ts";

/** `compaction`, `defragmentation of m1`, `leader change seen by m2`. */
export function describeMoment({ kind, member }: Moment): string {
  switch (kind) {
    case "compaction":
      return kind;
    case "defragmentation":
      return `${kind} of ${member}`;
    case "leader-change":
      return `leader change seen by ${member}`;
  }
}

/** Those that began in or reached into [startSeconds, endSeconds), each name once; not what came to nothing. */
export function momentsWithin(
  moments: readonly Moment[],
  startSeconds: number,
  endSeconds: number,
): string[] {
  const within = moments.filter((moment) => {
    const { startSeconds: from, durationSeconds, error } = moment;
    if (error !== null && durationSeconds === null) return false;
    return from < endSeconds && from + (durationSeconds ?? 0) >= startSeconds;
  });
  return [...new Set(within.map(describeMoment))];
}
