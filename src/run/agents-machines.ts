/** Gathers what the machines of agents did while load was measured, where agents may share machines. */
import { type MachineSpan, machineStateOf } from "../machine/machine-span.ts";
import type { AgentResult } from "../result/schema.ts";
import type { Host } from "./host.ts";
import type { AgentReport } from "./load-pool.ts";

/** The process that has the agents send, which sends nothing, but takes CPU and may have etcd run. */
export interface Coordinator {
  host: Host;
  /** Null as long as load runs. */
  span: MachineSpan | null;
  /** Of members of the target on a machine with these addresses, and this process or not; null: not known. */
  targetCpuSecondsAt(addresses: ReadonlySet<string>, isOwn: boolean): number | null;
}

/** Each with its machine, in the order of the reports. */
export function withMachines(
  reports: readonly AgentReport[],
  coordinator: Coordinator,
): AgentResult[] {
  const machines = machinesOf(reports);
  return reports.map((report) => {
    const at = machines.findIndex((machine) => machine.includes(report));
    const { row, span } = report;
    const own = span === null ? null : ownSeconds(machines[at]!, coordinator);
    return {
      ...row,
      machineNumber: at + 1,
      machine: span === null ? null : machineStateOf(span, own),
    };
  });
}

/** Agents by their machine, in the order of the first on each. */
function machinesOf(reports: readonly AgentReport[]): AgentReport[][] {
  const byMachine = new Map<unknown, AgentReport[]>();
  for (const report of reports) {
    // Where systems do not tell, each is taken to have one of its own.
    const machine = report.host.bootId ?? report;
    const there = byMachine.get(machine);
    if (there === undefined) byMachine.set(machine, [report]);
    else there.push(report);
  }
  return [...byMachine.values()];
}

/** What this measurement took of one machine's CPU; null: of one that took part it is not known. */
function ownSeconds(
  agents: readonly AgentReport[],
  { host, span, targetCpuSecondsAt }: Coordinator,
): number | null {
  const { bootId } = agents[0]!.host;
  const isOwn = bootId !== null && bootId === host.bootId;
  const addresses = agents.flatMap((agent) => agent.host.addresses);
  const spans = [...agents.map((agent) => agent.span), ...(isOwn ? [span] : [])];
  const all = new Set(isOwn ? [...addresses, ...host.addresses] : addresses);
  let seconds = targetCpuSecondsAt(all, isOwn);
  if (seconds === null) return null;
  for (const each of spans) {
    if (each === null || each.familySeconds === null) return null;
    seconds += each.familySeconds;
  }
  return seconds;
}
