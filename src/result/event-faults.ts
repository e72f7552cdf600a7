/**
 * Owns which counts say that etcd, or this client, broke a promise: of a watch each event once, to
 * each watcher, in order; of a lock or an election one owner at a time. A run with one has failed.
 */
import type { OperationResult } from "./schema.ts";

const FAULTS = [
  ["missing", "never came"],
  ["doubled", "came twice or out of order"],
  ["foreign", "were of no put of this run"],
] as const;

/** Series of events that were waited for. */
const EVENT_SERIES = ["watch-delivery", "watch-catch-up"];

/** A clause for each kind of fault: `3 watch-delivery events never came`. */
export function eventFaults({ name, counters }: OperationResult): string[] {
  const faults = FAULTS.flatMap(([counter, what]) => {
    const count = counters[counter] ?? 0;
    return !EVENT_SERIES.includes(name) || count === 0 ? [] : [`${count} ${name} events ${what}`];
  });
  const lost = counters.lostWatchers ?? 0;
  if (lost > 0) faults.push(`${lost} watchers were lost with their streams`);
  const twoOwners = counters.twoOwners ?? 0;
  if (twoOwners > 0) faults.push(`${name} had two owners at once ${twoOwners} times`);
  return faults;
}
