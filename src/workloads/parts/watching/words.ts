/** Words that watch and watch-latency share. */

import { formatNoun } from "../../../text/noun.ts";
import { describeSizes } from "../words.ts";
import type { WatchPlan } from "./schema.ts";

export function describeWatch(workload: WatchPlan): string {
  const { kind, streams, watchersPerStream, watchedKeyTotal, keys } = workload;
  return [
    `${kind}, ${formatNoun(streams, "stream")} of ${formatNoun(watchersPerStream, "watcher")}`,
    `${formatNoun(watchedKeyTotal, "watched key")}`,
    describeSizes(keys.keySizeBytes, workload),
    workload.prevKv ? "with previous values" : null,
    workload.progressNotify ? "with progress notifications" : null,
  ]
    .filter((part) => part !== null)
    .join(", ");
}
