/** The commands of workloads, in the order of help. A new one is a folder and a line here. */
import { usageError } from "../errors.ts";
import type { GivenFlags } from "../flags/flag.ts";
import { type PlannedRun, planRun } from "../plan/from-flags.ts";
import type { RunPlan } from "../plan/schema.ts";
import { commandOf } from "../plan/to-command.ts";
import { availability } from "./availability/workload.ts";
import { compact } from "./compact/workload.ts";
import type { Workload, WorkloadCommand } from "./definition.ts";
import { defrag } from "./defrag/workload.ts";
import { deleteKeys } from "./delete/workload.ts";
import { election } from "./election/workload.ts";
import { kubernetes } from "./kubernetes/workload.ts";
import { leaseGrant } from "./lease-grant/workload.ts";
import { leaseKeepalive } from "./lease-keepalive/workload.ts";
import { lock } from "./lock/workload.ts";
import { mixed } from "./mixed/workload.ts";
import { put } from "./put/workload.ts";
import { range } from "./range/workload.ts";
import { staleness } from "./staleness/workload.ts";
import { stm } from "./stm/workload.ts";
import { txnMixed } from "./txn-mixed/workload.ts";
import { txnPut } from "./txn-put/workload.ts";
import { watch } from "./watch/workload.ts";
import { watchGet } from "./watch-get/workload.ts";
import { watchLatency } from "./watch-latency/workload.ts";

export const WORKLOAD_COMMANDS: readonly (WorkloadCommand | Workload)[] = [
  put,
  range,
  txnPut,
  txnMixed,
  deleteKeys,
  mixed,
  compact,
  defrag,
  kubernetes,
  stm,
  lock,
  election,
  leaseGrant,
  leaseKeepalive,
  watch,
  watchLatency,
  watchGet,
  staleness,
  availability,
];

/** Without the commands that make plans of other workloads. */
export const WORKLOADS: readonly Workload[] = WORKLOAD_COMMANDS.filter(isWorkload);

function isWorkload(command: WorkloadCommand | Workload): command is Workload {
  return "preparation" in command;
}

/** @throws BenchError (usage) */
export function workloadNamed(name: string): Workload {
  return named(WORKLOADS, name);
}

/** @throws BenchError (usage) */
export function workloadCommandNamed(name: string): WorkloadCommand {
  return named(WORKLOAD_COMMANDS, name);
}

function named<Of extends WorkloadCommand>(all: readonly Of[], name: string): Of {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw usageError(`${JSON.stringify(name)} is no workload of bench`);
  return found;
}

/** A command line whose words were read: the workload, its flags, and arguments that are none. */
export interface Invocation {
  command: string;
  flags: GivenFlags;
  args?: readonly string[];
}

/** @throws BenchError (usage) in one line for the first value that cannot be used */
export function planFromFlags(
  { command, flags, args = [] }: Invocation,
  env: NodeJS.ProcessEnv,
): PlannedRun {
  return planRun(workloadCommandNamed(command), flags, args, env);
}

/** `bench put --local=3 --clients=100 --val-size=256`: a command line that makes the plan. */
export function commandLineOf(plan: RunPlan): string {
  return commandOf(plan, workloadNamed(plan.workload.kind));
}
