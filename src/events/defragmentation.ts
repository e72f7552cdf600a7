/** Defragmentation: a member gives free pages of its database file back, and answers nothing meanwhile. */
import { flagError } from "../errors.ts";
import { parsed, text } from "../flags/vocabulary.ts";
import { printable } from "../text/visible.ts";
import { badValue, formatDuration, readDurationMs } from "../units.ts";
import {
  defineEvent,
  type EventMember,
  type EventSite,
  ofMember,
  WORK_TIMEOUT_MS,
} from "./definition.ts";
import {
  checkChoice,
  chosenMember,
  isMemberChoice,
  MEMBER_USAGE,
  namesOf,
} from "./member-choice.ts";
import type { TimedEvent } from "./timed-event.ts";

export interface DefragmentationPlan {
  /** From the start of the measured phase, ascending. */
  atMs: number[];
  /** Its name, endpoint or id in hex; null: all members, one after another. */
  member: string | null;
}

const LONGEST_MS = 500 * 3_600_000;

/** Ascending, in milliseconds after the start of the measured phase. */
export const DEFRAG_AT = parsed(
  {
    group: "Workload:",
    name: "defrag-at",
    describe:
      "TIME,... after the start at which the members are defragmented one by one, e.g. 10s,20s",
  },
  {
    parse(flag, given) {
      const atMs = given.split(",").map((part) => {
        const ms = readDurationMs(part.trim());
        if (ms !== null && ms <= LONGEST_MS) return ms;
        throw badValue(flag, part, "a time after the start, or several", "10s,20s");
      });
      return atMs.sort((a, b) => a - b);
    },
    format: (atMs) => atMs.map(formatDuration).join(","),
  },
);

const DEFRAG_MEMBER = text({
  group: "Workload:",
  name: "defrag-member",
  describe: "name or endpoint of the member to defragment; default: all, one by one",
});

const FLAGS = { atMs: DEFRAG_AT, member: DEFRAG_MEMBER };

const describe = ofMember("defragmentation");

export const DEFRAGMENTATION = defineEvent<DefragmentationPlan, typeof FLAGS>({
  kind: "defragmentation",
  mark: "D",
  changesLeader: false,
  makesRoom: false,
  describe,
  flags: FLAGS,

  schema: (z) =>
    z.object({ atMs: z.array(z.number().min(0)).min(1), member: z.string().nullable() }),

  plan({ atMs, member }, { given, durationMs, note }) {
    if (atMs === null) {
      if (member !== null) note("--defrag-member has no effect without --defrag-at");
      return null;
    }
    if (durationMs !== null && atMs.at(-1)! >= durationMs) {
      const { name } = DEFRAG_AT;
      throw flagError(
        name,
        `--${name}=${given[name]}: the run is over after ${durationMs / 1000} s; give earlier times or a longer --duration`,
      );
    }
    if (member === "") {
      const { name } = DEFRAG_MEMBER;
      throw flagError(name, `--${name}: give a member's name, endpoint or id`);
    }
    return { atMs, member };
  },

  values: (plan) => plan,

  describePlan({ atMs, member }, duration) {
    const what = member === null ? "all members" : printable(member);
    return `${describe(what)} at ${atMs.map(duration).join(" and ")}`;
  },

  schedule: ({ atMs }) => ({
    everyMs: null,
    atMs,
    flag: `--${DEFRAG_AT.name}`,
    meanwhile: "after-it",
  }),

  check({ member }, site) {
    membersToDefragment(member, site);
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
});

/** One member, at a time of `--event`. */
export const DEFRAG: TimedEvent = {
  kind: DEFRAGMENTATION,
  ...{ verb: "defrag", usage: MEMBER_USAGE, lasts: false, needsOwnCluster: false },
  read(choice) {
    if (!isMemberChoice(choice)) return null;
    return {
      text: choice,
      names: namesOf(choice),
      check: (site) => checkChoice(choice, site),
      async *actions(context) {
        const { name, endpoint } = await chosenMember(choice, context);
        yield {
          member: name,
          revision: null,
          begin: () => context.client.defragment(endpoint, { timeoutMs: WORK_TIMEOUT_MS }),
        };
      },
    };
  },
};

/**
 * The leader comes last, so that the cluster loses it when the others are done.
 * @throws BenchError (usage) where no member is the one that was named
 */
function membersToDefragment(
  wanted: string | null,
  { members }: Pick<EventSite, "members">,
): readonly EventMember[] {
  if (wanted === null) {
    return members.toSorted((a, b) => Number(a.isLeader ?? false) - Number(b.isLeader ?? false));
  }
  const named = members.filter(({ id, name, endpoint }) => [id, name, endpoint].includes(wanted));
  if (named.length > 0) return named;
  const known = members.map(({ name }) => name).join(", ");
  const { name } = DEFRAG_MEMBER;
  throw flagError(
    name,
    `--${name}: ${JSON.stringify(wanted)} is no member of the cluster; give one of ${known}`,
  );
}
