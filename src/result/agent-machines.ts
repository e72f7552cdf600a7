/** Says on which machines the agents of a run sent its load. */
import { formatNoun } from "../text/noun.ts";
import type { AgentResult } from "./schema.ts";

/**
 * `1 agent on 2 x Some CPU and 2 agents on 4 x Some CPU`, the same for the same machines in any order.
 * @param words says what the machine of an agent is
 */
export function agentMachines(
  agents: readonly AgentResult[],
  words: (environment: AgentResult["environment"]) => string,
): string {
  const counts = new Map<string, number>();
  for (const { environment } of agents) {
    const machine = words(environment);
    counts.set(machine, (counts.get(machine) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([machine, count]) => `${formatNoun(count, "agent")} on ${machine}`)
    .join(" and ");
}
