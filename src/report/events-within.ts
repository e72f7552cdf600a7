/** Finds the events of a result that fell into a stretch of its time, by name. */
import { describeEvent } from "../events/describe-event.ts";
import type { EtcdEvent } from "../result/schema.ts";

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
