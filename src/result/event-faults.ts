/**
 * Finds the counts that show a broken promise of etcd or of this client: of a watch each event once, to
 * each watcher, in order; of a lock or an election one owner at a time. A run with one has failed.
 */
import { formatNoun } from "../text/noun.ts";
import type { OperationResult } from "./schema.ts";

const FAULTS = [
  ["missing", "never came", "never came"],
  ["doubled", "came twice or out of order", "came twice or out of order"],
  ["foreign", "was of no put of this run", "were of no put of this run"],
] as const;

/** A clause for each kind of fault: `3 watch-delivery events never came`. */
export function eventFaults({ name, counters, losses }: OperationResult): string[] {
  const faults = FAULTS.flatMap(([counter, ofOne, ofMany]) => {
    const count = counters[counter] ?? 0;
    if (count === 0) return [];
    return [`${formatNoun(count, `${name} event`)} ${count === 1 ? ofOne : ofMany}`];
  });
  faults.push(...lossFaults(counters.lostWatchers ?? 0, losses));
  const twoOwners = counters.twoOwners ?? 0;
  if (twoOwners > 0) faults.push(`${name} had two owners at once ${formatNoun(twoOwners, "time")}`);
  return faults;
}

/** Older results do not hold why watchers were lost. */
function lossFaults(lost: number, losses: OperationResult["losses"]): string[] {
  if (lost === 0) return [];
  if (losses.length === 0) return [`${formatNoun(lost, "watcher")} ${were(lost)} lost`];
  return losses.map(({ cause, reason, count }) => {
    const watchers = `${formatNoun(count, "watcher")} ${were(count)}`;
    return cause === "cancelled"
      ? `${watchers} cancelled by etcd (${reason})`
      : `${watchers} lost with ${count === 1 ? "its stream" : "their streams"} (${reason})`;
  });
}

function were(count: number): string {
  return count === 1 ? "was" : "were";
}
