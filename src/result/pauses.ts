/** Tells for how long the workers of the client paused in a stretch of a run. */
import type { ClientResult } from "./schema.ts";

export type PausesResult = NonNullable<ClientResult["pauses"]>;
export type ListedPause = PausesResult["longest"][number];

/** Without those of the main thread alone, which sends nothing. */
export function workerPauses({ longest }: PausesResult): ListedPause[] {
  return longest.filter(({ workers }) => workers > 0);
}

/** In [startSeconds, endSeconds), which count from the start of the measured phase. */
export function pausedMsWithin(
  pauses: readonly ListedPause[],
  startSeconds: number,
  endSeconds: number,
): number {
  const seconds = pauses.reduce((sum, pause) => {
    const end = Math.min(endSeconds, pause.startSeconds + pause.durationMs / 1e3);
    return sum + Math.max(0, end - Math.max(startSeconds, pause.startSeconds));
  }, 0);
  return seconds * 1e3;
}
