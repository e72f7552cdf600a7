/** Compaction: etcd forgets old revisions, at each interval all but the newest. */
import { formatNoun } from "../plan/noun.ts";
import {
  type EventContext,
  NothingToDo,
  type ScheduledEvent,
  WORK_TIMEOUT_MS,
} from "./definition.ts";

export interface CompactionPlan {
  intervalMs: number;
  /** Newest ones, which stay. */
  keptRevisions: number;
}

const REVISION_TIMEOUT_MS = 2_000;

export const COMPACTION: ScheduledEvent<CompactionPlan> = {
  kind: "compaction",
  mark: "C",
  changesLeader: false,
  makesRoom: true,
  describe: () => "compaction",

  describePlan({ intervalMs, keptRevisions }, duration) {
    const kept = formatNoun(keptRevisions, "revision");
    return `compaction every ${duration(intervalMs)} of all but ${kept}`;
  },

  schedule: ({ intervalMs }) => ({
    everyMs: intervalMs,
    atMs: [],
    flag: "--compact-interval",
    meanwhile: "left-out",
  }),

  check() {},

  async *actions({ keptRevisions }, context) {
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
        await context.client.compact({ revision, physical: true }, options);
      },
    };
  },
};

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
