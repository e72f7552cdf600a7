/** Counts what the connections of a load carried in the measured slices, by member. */
import type { TargetInfo } from "../etcd/inspect.ts";
import type { PhaseDoneMessage } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { WorkerShare } from "../plan/shares.ts";
import type { RunResult } from "../result/schema.ts";
import { formatNoun } from "../text/noun.ts";

type Connections = RunResult["target"]["connections"];

interface Connection {
  endpoint: string;
  sent: number;
  isUsed: boolean;
}

export class UsedConnections {
  readonly #shares: readonly WorkerShare[];
  /** By worker, as the workers count them. */
  readonly #counted = new Map<number, Connection[]>();
  #isKnown = true;

  constructor(shares: readonly WorkerShare[]) {
    this.#shares = shares;
  }

  /** @param done what each worker says of a measured slice; null: a worker broke */
  addSlice(done: readonly PhaseDoneMessage[] | null): void {
    if (done === null) this.#isKnown = false;
    for (const { workerIndex, carried } of done ?? []) {
      if (carried === null) this.#isKnown = false;
      const before = this.#counted.get(workerIndex) ?? [];
      const now = carried?.map(({ endpoint, sent, held }, at): Connection => {
        const { sent: sentBefore = 0, isUsed = false } = before[at] ?? {};
        return { endpoint, sent: sentBefore + sent, isUsed: isUsed || sent + held > 0 };
      });
      this.#counted.set(workerIndex, now ?? before);
    }
  }

  /** In the order of the endpoints; without counts before the first slice, and where a worker is lost. */
  byMember({ endpoints, members, memberIdOf }: TargetInfo): Connections {
    const isCounted = this.#isKnown && this.#counted.size > 0;
    const all: Connection[] = isCounted
      ? [...this.#counted.values()].flat()
      : this.#shares
          .flatMap(({ connectionEndpoints }) => connectionEndpoints)
          .map((endpoint) => ({ endpoint, sent: 0, isUsed: true }));
    const ofMember = new Map<string, Connection[]>();
    for (const endpoint of new Set([...endpoints, ...all.map((each) => each.endpoint)])) {
      const id = memberIdOf?.get(endpoint);
      const member = members.find((each) => each.id === id)?.name || endpoint;
      const own = all.filter((each) => each.endpoint === endpoint);
      if (own.length > 0) ofMember.set(member, [...(ofMember.get(member) ?? []), ...own]);
    }
    return [...ofMember].map(([member, own]) => {
      const idle = own.filter(({ isUsed }) => !isUsed).length;
      return {
        member,
        count: own.length,
        messages: isCounted ? own.reduce((sum, { sent }) => sum + sent, 0) : null,
        ...(idle > 0 && { idle }),
      };
    });
  }
}

/** One sentence where a member with connections got nothing, or clients are fewer than connections. */
export function idleNotes(load: RunPlan["load"], connections: Connections): string[] {
  const all = connections.reduce((sum, { count }) => sum + count, 0);
  const idle = connections.reduce((sum, each) => sum + (each.idle ?? 0), 0);
  const used = connections.filter((each) => (each.idle ?? 0) < each.count);
  const isPart = used.length < connections.length;
  const isForClients = idle === load.connections - load.clients;
  if (idle === 0 || used.length === 0 || (!isPart && !isForClients)) return [];
  const where = isPart
    ? `: all requests went to ${used.map(({ member }) => member).join(", ")}`
    : "";
  const [cause, advice] = isForClients
    ? [
        `had no client (--conns=${load.connections}, --clients=${load.clients}) and `,
        `; give --clients=${load.connections} or more to use them all`,
      ]
    : ["", ""];
  return [
    `${idle} of ${formatNoun(all, "connection")} ${cause}sent no measured request${where}${advice}.`,
  ];
}
