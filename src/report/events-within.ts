/** The events of a result that fell into a stretch of its time, and their names. */
import { eventKind } from "../events/catalogue.ts";
import type { EtcdEvent } from "../result/schema.ts";

/** `compaction`, `defragmentation of m1`, `leader change seen by m2`, `kill leader (m1)`. */
export function describeEvent({ kind, member, text }: EtcdEvent): string {
  if (text === null) return eventKind(kind).describe(member);
  return member === null || text.split(/[\s,|]/).includes(member) ? text : `${text} (${member})`;
}

/** Those that began in or reached into [startSeconds, endSeconds), each name once; not what came to nothing. */
export function eventsWithin(
  events: readonly EtcdEvent[],
  startSeconds: number,
  endSeconds: number,
): string[] {
  const within = events.filter((event) => {
    const { startSeconds: from, durationSeconds, error } = event;
    if (error !== null && durationSeconds === null) return false;
    return from < endSeconds && from + (durationSeconds ?? 0) >= startSeconds;
  });
  return [...new Set(within.map(describeEvent))];
}
