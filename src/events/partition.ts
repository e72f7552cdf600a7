/** A partition: members of different groups do not hear each other, and clients reach them all. */
import { setTimeout as delay } from "node:timers/promises";
import { usageError } from "../errors.ts";
import { DIRECTIONS, type NetworkFault } from "../proxy/network-fault.ts";
import { ownMember } from "./member-choice.ts";
import { checkProxies, clearAll, proxyOf, setAll } from "./network.ts";
import { type OwnContext, ownContext, type TimedEvent } from "./timed-event.ts";

const ASK_MS = 2_000;
/** A member that has just started again may not take the first connection. */
const ANSWER_WITHIN_MS = 10_000;
const RETRY_MS = 50;

export const PARTITION: TimedEvent = {
  kind: {
    ...{ kind: "partition", mark: "I", changesLeader: true },
    describe: () => "partition",
  },
  ...{ verb: "partition", usage: "NAME,...|NAME,...", lasts: true, needsOwnCluster: true },
  read(given) {
    const groups = given.split("|").map((group) => group.split(",").map((name) => name.trim()));
    const names = groups.flat();
    const isWrong = names.some((name) => name === "" || /[\s=]/.test(name));
    if (isWrong || groups.length < 2 || new Set(names).size < names.length) return null;
    return {
      text: groups.map((group) => group.join(",")).join("|"),
      names,
      claims: ["the partition"],
      check(site) {
        checkProxies(site);
        const left = site.cluster?.members.find(({ name }) => !names.includes(name));
        if (left !== undefined) throw usageError(`${left.name} is in no group; put it into one`);
      },
      async *actions(given_, lastsMs) {
        const context = ownContext(given_);
        const cuts = await cutsOf(groups, context);
        const putRight = async () => {
          for (const { proxy } of cuts) await clearAll(proxy, DIRECTIONS, "blackhole");
        };
        yield {
          ...{ member: null, revision: null },
          async begin() {
            try {
              await Promise.all(cuts.map(({ proxy, fault }) => setAll(proxy, DIRECTIONS, fault)));
            } catch (error) {
              await putRight();
              throw error;
            }
          },
          end: { lastsMs, putRight },
        };
      },
    };
  },
};

/** In front of each member, all connections from members of other groups. */
async function cutsOf(groups: readonly string[][], context: OwnContext) {
  const ids = await idsOf(groups.flat(), context);
  return groups.flatMap((group) =>
    group.map((name) => {
      const others = groups.filter((each) => each !== group).flat();
      // Each request of a peer begins with its id, and a connection has those of one peer alone.
      const opening = others.map((other) => `X-Server-From: ${ids.get(other)}\r\n`);
      const fault: NetworkFault = { kind: "blackhole", opening };
      return { proxy: proxyOf(context.cluster, name).peer, fault };
    }),
  );
}

/** By name, in hex. @throws BenchError where a member does not answer, whose id is then unknown */
async function idsOf(
  names: readonly string[],
  context: OwnContext,
): Promise<ReadonlyMap<string, string>> {
  const ids = names.map(async (name) => [name, await idOf(name, context)] as const);
  return new Map(await Promise.all(ids));
}

async function idOf(name: string, { cluster, client, isOver }: OwnContext): Promise<string> {
  const { endpoint } = ownMember(name, cluster);
  const deadlineMs = performance.now() + ANSWER_WITHIN_MS;
  for (;;) {
    const asked = client.status(endpoint, { timeoutMs: ASK_MS });
    const answer = await asked.catch((error: unknown) => {
      if (isOver() || performance.now() >= deadlineMs) throw error;
      return null;
    });
    if (answer?.memberId === null) throw usageError(`${name} tells no id of its own`);
    if (answer !== null) return answer.memberId;
    await delay(RETRY_MS);
  }
}
