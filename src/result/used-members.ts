import { formatNoun } from "../text/noun.ts";
import type { RunResult } from "./schema.ts";

export interface UsedMembers {
  count: number;
  /** False: a proxy spread the load, and `count` is of endpoints. */
  areMembers: boolean;
}

/** How many members got requests over the load's connections; null where that is not known. */
export function usedMembers({
  connections,
  members,
}: Pick<RunResult["target"], "connections" | "members">): UsedMembers | null {
  if (connections.length === 0) return null;
  const isMember = (name: string) =>
    members.some((each) => each.name === name || each.endpoint === name);
  return {
    count: connections.filter(({ count, idle = 0 }) => idle < count).length,
    areMembers: connections.every(({ member }) => isMember(member)),
  };
}

/** `3`, or `not known, over 1 endpoint`. */
export function usedMembersText({ count, areMembers }: UsedMembers): string {
  return areMembers ? `${count}` : `not known, over ${formatNoun(count, "endpoint")}`;
}
