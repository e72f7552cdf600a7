/** Says what the state of the agents' machines may have done to a run's figures. */
import type { MachineState } from "../machine/machine-schema.ts";
import type { AgentResult } from "../result/schema.ts";
import { capitalised } from "../text/capitalised.ts";
import { machineDoubts, THIS_MACHINE } from "./machine-doubts.ts";

const MOST_NAMES = 5;

/** A sentence for each machine of agents and each thing that was in the way there. */
export function agentMachineDoubts(
  agents: readonly AgentResult[] = [],
  measuredSeconds: number,
): string[] {
  const numbers = new Set(agents.map(({ machineNumber }) => machineNumber));
  const ofMachines = [...numbers].flatMap((number) => {
    const there = agents.filter(({ machineNumber }) => machineNumber === number);
    const machine = ofMachine(there);
    const names = `the machine of ${named(there.map(({ name }) => name))}`;
    const words = { ...THIS_MACHINE, machine: capitalised(names), cpu: `the CPU of ${names}` };
    return machine === null
      ? []
      : machineDoubts({ ...machine, throttledSeconds: null }, measuredSeconds, words);
  });
  // Control groups may be of one agent each.
  const throttled = agents.flatMap(({ name, machine }) => {
    if (machine === null) return [];
    const { throttledSeconds } = machine;
    const words = { ...THIS_MACHINE, threads: `the threads of agent ${name}` };
    return machineDoubts({ ...UNKNOWN, throttledSeconds }, measuredSeconds, words);
  });
  return [...ofMachines, ...throttled];
}

const UNKNOWN: MachineState = {
  ...{ loadAverage1m: null, otherCpuPercent: null, idleCpuPercent: null, stealPercent: null },
  ...{ cpuPressurePercent: null, ioPressurePercent: null, memoryPressurePercent: null },
  ...{ throttledSeconds: null, suspendedSeconds: null },
};

/** Of those that agents on one machine saw, which began and ended with each of them, the worst. */
function ofMachine(agents: readonly AgentResult[]): MachineState | null {
  const seen = agents.flatMap(({ machine }) => machine ?? []);
  return (
    seen.toSorted((one, other) => (other.otherCpuPercent ?? 0) - (one.otherCpuPercent ?? 0))[0] ??
    null
  );
}

/** `agent a`, `agents a, b and 7 more`. */
function named(names: readonly string[]): string {
  if (names.length === 1) return `agent ${names[0]}`;
  const more = names.length - MOST_NAMES;
  const shown = more > 1 ? [...names.slice(0, MOST_NAMES), `${more} more`] : names;
  return `agents ${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
