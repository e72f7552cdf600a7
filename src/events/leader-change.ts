/** A leader change: seen in a member's metrics, up to a second after it happened. */
import type { EventKind } from "./definition.ts";

/** Members' metrics, which are read once a second, show a leader change up to so long after it. */
export const SEEN_AFTER_SECONDS = 1;

export const LEADER_CHANGE: EventKind = {
  kind: "leader-change",
  mark: "L",
  changesLeader: true,
  describe: (member) => (member === null ? "leader change" : `leader change seen by ${member}`),
};
