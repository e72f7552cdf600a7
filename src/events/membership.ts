/** Changes the members of a cluster, and its leader. */
import { usageError } from "../errors.ts";
import type { EventSite } from "./definition.ts";
import {
  askLeadership,
  checkChoice,
  chosenMember,
  isMemberChoice,
  memberEvent,
  namesOf,
} from "./member-choice.ts";
import { ownContext, type TimedEvent } from "./timed-event.ts";

function needsTwo({ cluster }: EventSite): void {
  if (cluster !== null && cluster.members.length < 2) {
    throw usageError("a cluster of one member cannot do without it; use --local=3");
  }
}

/** It leaves the cluster; at the end one of its name joins, with empty data. */
export const REMOVE: TimedEvent = memberEvent({
  kind: {
    ...{ kind: "remove", mark: "V", changesLeader: true },
    describe: (member) => (member === null ? "removal of a member" : `removal of ${member}`),
  },
  verb: "remove",
  begin: ({ name }, { cluster }) => cluster.remove(name, { comesBack: true }),
  async putRight(name, cluster) {
    await cluster.add({ name });
  },
  check: needsTwo,
});

/** It is removed, and one of the same name and addresses joins with empty data. */
export const REPLACE: TimedEvent = memberEvent({
  kind: {
    ...{ kind: "replace", mark: "Q", changesLeader: true },
    describe: (member) =>
      member === null ? "replacement of a member" : `replacement of ${member}`,
  },
  verb: "replace",
  begin: ({ name }, { cluster }) => cluster.replace(name),
  check: needsTwo,
});

/** A member joins, and leaves at the end. */
export const ADD: TimedEvent = {
  kind: {
    ...{ kind: "add", mark: "N", changesLeader: false },
    describe: (member) => (member === null ? "new member" : `new member ${member}`),
  },
  ...{ verb: "add", usage: "[NAME]", lasts: true, needsOwnCluster: true },
  read(given) {
    if (given !== "" && (!isMemberChoice(given) || namesOf(given).length === 0)) return null;
    const name = given === "" ? null : given;
    return {
      text: given,
      adds: name,
      ...(name === null ? {} : { claims: [`the process of ${name}`] }),
      async *actions(context, lastsMs) {
        const { cluster } = ownContext(context);
        let added = name;
        yield {
          // Its name is known only afterwards where bench chooses it.
          get member() {
            return added;
          },
          revision: null,
          async begin() {
            const named = name === null ? {} : { name };
            added = (await cluster.add({ ...named, isForATime: true })).name;
          },
          end: { lastsMs, putRight: () => cluster.remove(added!) },
        };
      },
    };
  },
};

/** The leader hands over to another member, without a fault. */
export const MOVE_LEADER: TimedEvent = {
  kind: {
    ...{ kind: "move-leader", mark: "M", changesLeader: true },
    describe: (member) =>
      member === null ? "move of the leader" : `move of the leader to ${member}`,
  },
  ...{ verb: "move-leader", usage: "[NAME|follower]", lasts: false, needsOwnCluster: true },
  read(given) {
    const choice = given === "" ? "follower" : given;
    if (!isMemberChoice(choice) || choice === "leader" || choice === "random") return null;
    return {
      text: given,
      names: namesOf(choice),
      check(site) {
        checkChoice("follower", site);
      },
      async *actions(context) {
        const { name } = await chosenMember(choice, context);
        const { leader, followers } = await askLeadership(context);
        if (leader.name === name) throw usageError(`${name} is the leader already`);
        const next = followers.find((each) => each.name === name);
        if (next?.status.memberId == null) throw usageError(`${name} does not answer`);
        const id = next.status.memberId;
        yield {
          member: name,
          revision: null,
          begin: () => context.client.moveLeader(id, { endpoint: leader.endpoint }),
        };
      },
    };
  },
};
