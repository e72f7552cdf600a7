/** The alarm of full space: etcd refuses every write until it is cleared. */
import { askLeadership, checkChoice } from "./member-choice.ts";
import { ownContext, type TimedEvent } from "./timed-event.ts";

export const NO_SPACE_ALARM: TimedEvent = {
  kind: {
    ...{ kind: "alarm", mark: "A", changesLeader: false },
    describe: () => "alarm of full space",
  },
  ...{ verb: "alarm", usage: "nospace", lasts: true, needsOwnCluster: true },
  read(given) {
    if (given !== "nospace") return null;
    return {
      text: given,
      claims: ["the alarm"],
      check: (site) => checkChoice("leader", site),
      async *actions(context, lastsMs) {
        const { leader } = await askLeadership(context);
        const id = leader.status.memberId!;
        let forget = () => {};
        yield {
          // It is of the whole cluster, whichever member raised it.
          ...{ member: null, revision: null },
          async begin() {
            forget = ownContext(context).cluster.recordAlarm(id);
            await context.client.setNoSpaceAlarm(true, id, { endpoint: leader.endpoint });
          },
          end: {
            lastsMs,
            async putRight() {
              // Another member may lead by now, or this one be gone.
              const { leader: now } = await askLeadership({ ...context, isOver: () => false });
              await context.client.setNoSpaceAlarm(false, id, { endpoint: now.endpoint });
              forget();
            },
          },
        };
      },
    };
  },
};
