/** Counts the connections of a load to each member, and says which of them no client uses. */
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import { formatNoun } from "../text/noun.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import type { Prepared } from "./prepare.ts";

type Connections = RunResult["target"]["connections"];

/** As the connections are dealt to the endpoints, and the clients to the connections, in turn. */
export function connectionsOf(
  { load, workload }: Pick<RunPlan, "load" | "workload">,
  { endpoints, members, memberIdOf }: Prepared["target"],
): Connections {
  const { usesAllConnections } = workloadNamed(workload.kind);
  const used = usesAllConnections ? load.connections : Math.min(load.connections, load.clients);
  const counts = new Map<string, { count: number; idle: number }>();
  for (let connection = 0; connection < load.connections; connection++) {
    const endpoint = endpoints[connection % endpoints.length]!;
    const id = memberIdOf?.get(endpoint);
    const member = members.find((each) => each.id === id)?.name ?? endpoint;
    const { count, idle } = counts.get(member) ?? { count: 0, idle: 0 };
    counts.set(member, { count: count + 1, idle: connection < used ? idle : idle + 1 });
  }
  return [...counts].map(([member, { count, idle }]) =>
    idle === 0 ? { member, count } : { member, count, idle },
  );
}

/** One sentence where clients are fewer than connections. */
export function idleNotes({ clients }: RunPlan["load"], connections: Connections): string[] {
  const all = connections.reduce((sum, { count }) => sum + count, 0);
  const idle = connections.reduce((sum, each) => sum + (each.idle ?? 0), 0);
  if (idle === 0) return [];
  const used = connections.filter((each) => (each.idle ?? 0) < each.count);
  const where =
    used.length === connections.length
      ? ""
      : `: all requests of these clients went to ${used.map(({ member }) => member).join(", ")}`;
  return [
    `${idle} of ${formatNoun(all, "connection")} had no client (--conns=${all}, --clients=${clients}) and sent no ` +
      `measured request${where}; give --clients=${all} or more to use them all.`,
  ];
}
