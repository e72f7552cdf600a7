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
  const withMachine = new Map<AgentReport, AgentResult>();
  for (const [at, agents] of machinesOf(reports).entries()) {
    const own = ownSeconds(agents, coordinator);
    for (const report of agents) {
      const { row, span } = report;
      const machine = span === null ? null : machineStateOf(span, own);
      withMachine.set(report, { ...row, machineNumber: at + 1, machine });
    }
  }
  return reports.map((report) => withMachine.get(report)!);
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
  const there = [...agents, ...(isOwn ? [{ host, span }] : [])];
  let seconds = 0;
  for (const each of there) {
    const familySeconds = each.span?.familySeconds ?? null;
    if (familySeconds === null) return null;
    seconds += familySeconds;
  }
  const addresses = new Set(there.flatMap((each) => each.host.addresses));
  const ofTarget = targetCpuSecondsAt(addresses, isOwn);
  return ofTarget === null ? null : seconds + ofTarget;
}
