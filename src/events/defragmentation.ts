/** Defragmentation: a member gives free pages of its database file back, and answers nothing meanwhile. */
import { usageError } from "../errors.ts";
import { printable } from "../text/visible.ts";
import {
  type EventMember,
  type EventTarget,
  type ScheduledEvent,
  WORK_TIMEOUT_MS,
} from "./definition.ts";

export interface DefragmentationPlan {
  /** From the start of the measured phase, ascending. */
  atMs: number[];
  /** Its name, endpoint or id in hex; null: all members, one after another. */
  member: string | null;
}

const describe = (member: string | null) =>
  member === null ? "defragmentation" : `defragmentation of ${member}`;

export const DEFRAGMENTATION: ScheduledEvent<DefragmentationPlan> = {
  kind: "defragmentation",
  mark: "D",
  changesLeader: false,
  makesRoom: false,
  describe,

  describePlan({ atMs, member }, duration) {
    const what = member === null ? "all members" : printable(member);
    return `${describe(what)} at ${atMs.map(duration).join(" and ")}`;
  },

  schedule: ({ atMs }) => ({ everyMs: null, atMs, flag: "--defrag-at", meanwhile: "after-it" }),

  check({ member }, target) {
    membersToDefragment(member, target);
  },

  async *actions({ member: wanted }, context) {
    for (const { name, endpoint } of membersToDefragment(wanted, context)) {
      if (context.isOver()) return;
      yield {
        member: name,
        revision: null,
        begin: () => context.client.defragment(endpoint, { timeoutMs: WORK_TIMEOUT_MS }),
      };
    }
  },
};

/**
 * The leader comes last, so that the cluster loses it when the others are done.
 * @throws BenchError (usage) where no member is the one that was named
 */
function membersToDefragment(
  wanted: string | null,
  { members }: Pick<EventTarget, "members">,
): readonly EventMember[] {
  if (wanted === null) {
    return members.toSorted((a, b) => Number(a.isLeader ?? false) - Number(b.isLeader ?? false));
  }
  const named = members.filter(({ id, name, endpoint }) => [id, name, endpoint].includes(wanted));
  if (named.length > 0) return named;
  const known = members.map(({ name }) => name).join(", ");
  throw usageError(
    `--defrag-member: ${JSON.stringify(wanted)} is no member of the cluster; give one of ${known}`,
  );
}
