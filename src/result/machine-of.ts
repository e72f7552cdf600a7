/** Names the machine that sent the load of a run. */
import { agentMachines } from "./agent-machines.ts";
import type { AgentResult, RunResult } from "./schema.ts";

/** `2 x Testing CPU 3000, 8.0 GB, Linux 6.1.0`; of agents `3 agents on` the same. */
export function machineOf({ environment, client, plan }: RunResult): string {
  const own = machineIn(environment);
  if (client.agents === undefined) return own;
  const ofAgents = agentMachines(client.agents, machineIn);
  // The machine that has the agents sends nothing, but may run etcd.
  return plan.target.local === null ? ofAgents : `${ofAgents}, etcd on ${own}`;
}

/** The memory of an agent is not known in results of before it was kept. */
function machineIn({
  cpus,
  cpusAvailable,
  cpuModel,
  kernel,
  memoryBytes,
  memoryLimitBytes,
}: AgentResult["environment"]): string {
  const bytes =
    memoryBytes === null ? null : Math.min(memoryBytes, memoryLimitBytes ?? memoryBytes);
  const memory = bytes === null ? "" : `, ${(bytes / 1e9).toFixed(1)} GB`;
  return `${cpusAvailable ?? cpus ?? "?"} x ${cpuModel}${memory}, ${kernel}`;
}

/** The machine, and the Node that the client ran on. */
export function hostOf(result: RunResult): string {
  const { agents } = result.client;
  const versions = agents?.map(({ environment }) => environment.node) ?? [result.environment.node];
  return `${machineOf(result)}, Node ${[...new Set(versions)].toSorted().join(" and ")}`;
}
