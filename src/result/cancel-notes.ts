/** Says why etcd cancelled watchers that were asked for again, so that nothing but their events is lost. */
import { formatNoun } from "../text/noun.ts";
import type { OperationResult } from "./schema.ts";

/** In etcd's words, a note for each reason. Watchers that were lost fail the run, and its verdict has why. */
export function cancelNotes(operations: readonly OperationResult[]): string[] {
  return operations.flatMap(({ counters, losses }) =>
    (counters.lostWatchers ?? 0) > 0
      ? []
      : losses.map(
          ({ reason, count }) =>
            `etcd cancelled a watcher, which was asked for again, ${formatNoun(count, "time")}: ${reason}.`,
        ),
  );
}
