/** Says which CPUs and how much memory a measurement had. */
import { agentMachines } from "../result/agent-machines.ts";
import type { AgentResult, RunResult } from "../result/schema.ts";
import { formatBytes } from "./number-format.ts";

type Environment = RunResult["environment"];
type Cpus = Pick<Environment, "cpus" | "cpusAvailable" | "cpuModel">;
type Memory = Pick<Environment, "memoryBytes" | "memoryLimitBytes">;

/** `2 x Some CPU (1 available)`. */
export function describeCpus({ cpus, cpusAvailable, cpuModel }: Cpus): string {
  const available =
    cpusAvailable === null || cpusAvailable === cpus ? "" : ` (${cpusAvailable} available)`;
  return `${cpus === null ? "" : `${cpus} x `}${cpuModel}${available}`;
}

/** `25.3 GB memory (512 MB available)`; null where it is not known. */
export function describeMemory({ memoryBytes, memoryLimitBytes }: Memory): string | null {
  if (memoryBytes === null) return null;
  const isLimited = memoryLimitBytes !== null && memoryLimitBytes < memoryBytes;
  const available = isLimited ? ` (${formatBytes(memoryLimitBytes)} available)` : "";
  return `${formatBytes(memoryBytes)} memory${available}`;
}

/** `2 agents on 2 x Some CPU (1 available), 25.3 GB memory, Linux 6.1.0`. */
export function describeAgents(agents: readonly AgentResult[]): string {
  return agentMachines(agents, (of) =>
    [describeCpus(of), describeMemory(of), of.kernel].filter((part) => part !== null).join(", "),
  );
}
