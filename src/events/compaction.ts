/** Compaction: etcd forgets old revisions, at each interval all but the newest. */
import { isGiven } from "../flags/flag.ts";
import { count, durationOrNone } from "../flags/vocabulary.ts";
import { isCompacted } from "../text/compacted.ts";
import { formatNoun } from "../text/noun.ts";
import { formatCount, readCount } from "../units.ts";
import {
  type Action,
  defineEvent,
  type EventContext,
  NothingToDo,
  WORK_TIMEOUT_MS,
} from "./definition.ts";
import type { TimedEvent } from "./timed-event.ts";

export interface CompactionPlan {
  intervalMs: number;
  /** Newest ones, which stay. */
  keptRevisions: number;
}

const workload = { group: "Workload:" } as const;

/** Null: none, which upstream writes as 0. */
export const COMPACT_INTERVAL = durationOrNone({
  ...workload,
  name: "compact-interval",
  default: "0",
  min: 10,
  max: 500 * 3_600_000,
  example: "5m",
  scales: "part",
  describe: "time between compactions during the run; 0: none",
});

const FLAGS = {
  intervalMs: COMPACT_INTERVAL,
  keptRevisions: count({
    ...workload,
    name: "compact-index-delta",
    default: "1000",
    min: 0,
    describe: "number of newest revisions that a compaction keeps",
  }),
};

/** A member on a busy machine takes seconds; one that is paused must not hold this up for long. */
const REVISION_TIMEOUT_MS = 5_000;

export const COMPACTION = defineEvent<CompactionPlan, typeof FLAGS>({
  kind: "compaction",
  mark: "C",
  changesLeader: false,
  makesRoom: true,
  describe: () => "compaction",
  flags: FLAGS,

  schema: (z) => z.object({ intervalMs: z.number().positive(), keptRevisions: z.int().min(0) }),

  plan({ intervalMs, keptRevisions }, { given, note }) {
    if (intervalMs !== null) return { intervalMs, keptRevisions };
    if (isGiven(given, FLAGS.keptRevisions)) {
      note("--compact-index-delta has no effect without --compact-interval: nothing is compacted");
    }
    return null;
  },

  values: (plan) => plan,

  describePlan({ intervalMs, keptRevisions }, duration) {
    const kept = formatNoun(keptRevisions, "revision");
    return `compaction every ${duration(intervalMs)} of all but ${kept}`;
  },

  schedule: ({ intervalMs }) => ({
    everyMs: intervalMs,
    atMs: [],
    flag: `--${COMPACT_INTERVAL.name}`,
    meanwhile: "left-out",
  }),

  check() {},

  actions: ({ keptRevisions }, context) => compactions(keptRevisions, context),
});

/** Once, at a time of `--event`. */
export const COMPACT: TimedEvent = {
  kind: COMPACTION,
  ...{ verb: "compact", usage: "[REVISIONS]", lasts: false, needsOwnCluster: false },
  makesRoom: true,
  read(given) {
    const keptRevisions = given === "" ? 0 : readCount(given);
    if (keptRevisions === null || !Number.isInteger(keptRevisions)) return null;
    return {
      text: keptRevisions === 0 ? "" : formatCount(keptRevisions),
      actions: (context) => compactions(keptRevisions, context),
    };
  },
};

async function* compactions(keptRevisions: number, context: EventContext): AsyncIterable<Action> {
  const { revision: newest, endpoint } = await newestRevision(context);
  const revision = newest - keptRevisions;
  if (revision < 1) {
    throw new NothingToDo(
      `nothing to compact: the revision is ${newest}, and ${keptRevisions} are to stay`,
    );
  }
  yield {
    member: null,
    revision,
    // Physical: answered when the old revisions are off the backend of the member that was asked.
    async begin() {
      const options = { endpoint, timeoutMs: WORK_TIMEOUT_MS };
      try {
        await context.client.compact({ revision, physical: true }, options);
      } catch (error) {
        if (!(error instanceof Error) || !isCompacted(error.message)) throw error;
        throw new NothingToDo(`nothing to compact: revision ${revision} is compacted already`);
      }
    },
  };
}

/** From the first endpoint that answers. @throws the last one's refusal where none does */
async function newestRevision({
  client,
  endpoints,
  isOver,
}: EventContext): Promise<{ revision: number; endpoint: string }> {
  let refusal: unknown;
  for (const endpoint of endpoints) {
    try {
      const options = { timeoutMs: REVISION_TIMEOUT_MS };
      return { revision: await client.revision(endpoint, options), endpoint };
    } catch (error) {
      refusal = error;
      if (isOver()) break;
    }
  }
  throw refusal;
}
