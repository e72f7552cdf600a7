/** A leader change: seen in a member's metrics, up to a second after it happened. */
import type { EventKind } from "./definition.ts";

export const LEADER_CHANGE: EventKind = {
  kind: "leader-change",
  mark: "L",
  changesLeader: true,
  describe: (member) => (member === null ? "leader change" : `leader change seen by ${member}`),
};
