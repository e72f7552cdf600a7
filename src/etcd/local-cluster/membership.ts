/**
 * Changes who is a member of a cluster that bench started, over etcd's own calls. Every kind of cluster
 * goes through here, since the order of the steps keeps the cluster whole: a member is registered
 * before it starts and removed before its data goes.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Access } from "../../access/access.ts";
import { usageError } from "../../errors.ts";
import { ControlClient, ControlError } from "../control-client.ts";
import type { ListedMember } from "../control-messages.ts";
import { openAccess } from "../token-source.ts";

const RETRY_MS = 200;
/** etcd refuses members for 5 s after its start, and while an election goes on. */
const AGREE_WITHIN_MS = 30_000;
/** What etcd says while it cannot agree on a change yet. */
const NOT_YET =
  /unhealthy cluster|no leader|leader changed|request timed out|learner member which is in sync|too many learner|not enough started members/;

export interface Registered {
  id: string;
  /** `name=http://host:port,...`, with the new member. */
  initialCluster: string;
}

export interface NewMember {
  name: string;
  /** `host:port`. */
  peerEndpoint: string;
  isLearner: boolean;
}

export class Membership {
  readonly #endpoints: readonly string[];
  readonly #access: Access;

  /** @param endpoints of members that run, at least one */
  constructor(endpoints: readonly string[], access: Access) {
    this.#endpoints = endpoints;
    this.#access = access;
  }

  /** Waits while etcd calls the cluster unhealthy. @throws BenchError with etcd's refusal */
  async add({ name, peerEndpoint, isLearner }: NewMember): Promise<Registered> {
    const peerUrl = `http://${peerEndpoint}`;
    const { id, members } = await this.#agree(`${name} cannot be added`, (client, endpoint) =>
      client.addMember({ peerUrls: [peerUrl], isLearner }, { endpoint }),
    );
    return { id: id ?? "", initialCluster: initialClusterOf(members, { name, peerEndpoint }) };
  }

  /** @throws BenchError with etcd's refusal */
  async remove(name: string, id: string): Promise<void> {
    await this.#agree(`${name} cannot be removed`, async (client, endpoint) => {
      try {
        await client.removeMember(id, { endpoint });
      } catch (error) {
        // An earlier attempt may have been carried out although its answer was lost.
        if (error instanceof ControlError && error.details.includes("member not found")) return;
        throw error;
      }
    });
  }

  /** Waits until the learner has caught up. @throws BenchError with etcd's refusal */
  async promote(name: string, id: string): Promise<void> {
    await this.#agree(`${name} cannot be promoted`, (client, endpoint) =>
      client.promoteMember(id, { endpoint }),
    );
  }

  /** Resolves when the leader has handed over. @throws BenchError with etcd's refusal */
  async moveLeader(name: string, id: string): Promise<void> {
    await this.#agree(`${name} cannot lead`, async (client, endpoint) => {
      const { leaderId } = await client.status(endpoint);
      if (leaderId === id) return;
      const leader = await this.#endpointOf(client, leaderId);
      await client.moveLeader(id, { endpoint: leader ?? endpoint });
    });
  }

  /** @throws BenchError with etcd's refusal */
  async clearNoSpaceAlarm(memberId: string): Promise<void> {
    await this.#agree("the alarm of full space cannot be cleared", (client, endpoint) =>
      client.setNoSpaceAlarm(false, memberId, { endpoint }),
    );
  }

  /** As the first member says that answers. @throws BenchError where none does */
  async members(): Promise<ListedMember[]> {
    const { members } = await this.#agree("the members cannot be listed", (client, endpoint) =>
      client.memberList(endpoint),
    );
    return members;
  }

  /**
   * A member that was started with a wrong state runs as a cluster of its own.
   * @throws BenchError where `endpoint` is not of the cluster of the others
   */
  async checkSameCluster(name: string, endpoint: string): Promise<void> {
    const [own, other] = await this.#agree(
      "the cluster's id cannot be read",
      async (client, at) => {
        const answers = await Promise.all([client.status(endpoint), client.status(at)]);
        return answers.map(({ clusterId }) => clusterId);
      },
    );
    if (own === other) return;
    throw usageError(`${name} runs as a cluster of its own, ${own} and not ${other}; remove it`);
  }

  async #endpointOf(client: ControlClient, id: string | null): Promise<string | undefined> {
    const asked = await Promise.allSettled(
      this.#endpoints.map(async (endpoint) => ({ endpoint, ...(await client.status(endpoint)) })),
    );
    const answers = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    return answers.find(({ memberId }) => memberId === id)?.endpoint;
  }

  /** Asks one member after another, and again while the cluster is not ready for the change. */
  async #agree<Answer>(
    what: string,
    ask: (client: ControlClient, endpoint: string) => Promise<Answer>,
  ): Promise<Answer> {
    const access = openAccess(this.#endpoints, this.#access);
    const client = new ControlClient(this.#endpoints, { access });
    const deadlineMs = performance.now() + AGREE_WITHIN_MS;
    try {
      for (;;) {
        let refusal: ControlError | null = null;
        for (const endpoint of this.#endpoints) {
          try {
            return await ask(client, endpoint);
          } catch (error) {
            if (!(error instanceof ControlError)) throw error;
            refusal = error;
            if (!isWorthAnother(error)) break;
          }
        }
        const isOver = performance.now() > deadlineMs;
        if (refusal !== null && (isOver || !isWorthAnother(refusal))) {
          throw usageError(`${what}: ${refusal.codeName}: ${refusal.details}`, refusal);
        }
        await delay(RETRY_MS);
      }
    } finally {
      client.close();
      access.tokens?.close();
    }
  }
}

/** `name=http://host:port,...` of all members, of whom etcd knows the new one by its address alone. */
export function initialClusterOf(
  members: readonly ListedMember[],
  { name, peerEndpoint }: Pick<NewMember, "name" | "peerEndpoint">,
): string {
  const nameOf = (member: ListedMember) => {
    if (member.peerUrls.includes(`http://${peerEndpoint}`)) return name;
    return member.name || `unstarted-${member.id}`;
  };
  return members
    .flatMap((member) => member.peerUrls.map((url) => `${nameOf(member)}=${url}`))
    .join(",");
}

/** Another member, or the same one later, may agree. */
function isWorthAnother({ codeName, details }: ControlError): boolean {
  return codeName === "UNAVAILABLE" || codeName === "DEADLINE_EXCEEDED" || NOT_YET.test(details);
}
