/** Defines what tracks the events of a worker's watchers: which are due, which have come. */
import type { WatchResponseReader } from "./watch-response.ts";

export interface EventAccount {
  /** Events that are still to come. */
  readonly unsettled: number;
  /** From now on the watcher of `key` hears of events (1), or not any more (-1). */
  alive(watcher: number, key: number, change: 1 | -1): void;
  /**
   * The current event in `reader`, out of `bytes`, has come; `watcher` is -1 where the server names
   * none that there is.
   */
  event(
    watcher: number,
    key: number,
    reader: WatchResponseReader,
    bytes: Uint8Array,
    nowNs: number,
  ): void;
  /** The first revision that the watcher has not heard of; null: it has heard of none. */
  resumeRevision(watcher: number): number | null;
  /** What has not come counts as missing. */
  giveUp(nowNs: number): void;
}
