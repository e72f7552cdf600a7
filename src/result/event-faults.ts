/**
 * Owns which counts of a watch say that etcd, or this client, broke the promise of a watch: each
 * event once, to each watcher, in order. A run with one of them has failed.
 */
import type { OperationResult } from "./schema.ts";

const FAULTS = [
  ["missing", "never came"],
  ["doubled", "came twice or out of order"],
  ["foreign", "were of no put of this run"],
] as const;

/** A clause for each kind of fault: `3 watch-delivery events never came`. */
export function eventFaults({ name, counters }: OperationResult): string[] {
  const faults = FAULTS.flatMap(([counter, what]) => {
    const count = counters[counter] ?? 0;
    return name !== "watch-delivery" || count === 0 ? [] : [`${count} ${name} events ${what}`];
  });
  const lost = counters.lostWatchers ?? 0;
  return lost === 0 ? faults : [...faults, `${lost} watchers were lost with their streams`];
}
