/**
 * Deals the workers of a run to its agents: worker k goes to agent k modulo agents. A run's clients and
 * connections are dealt to workers in the same way, so slot k of the schedule, with its key, goes to agent
 * k modulo agents, and N agents of M workers send what one machine of N times M workers sends.
 */

export function agentOf(worker: number, agents: number): number {
  return worker % agents;
}

/** By agent, what belongs to its workers, in their order. */
export function dealtToAgents<Each>(ofWorkers: readonly Each[], agents: number): Each[][] {
  return Array.from({ length: agents }, (_, agent) =>
    ofWorkers.filter((_, worker) => agentOf(worker, agents) === agent),
  );
}
