/** Plans the two arms of `bench ab` from flags: those of both, and those of one arm. Pure. */
import { BenchError, flagError, usageError } from "../errors.ts";
import type { GivenFlags } from "../flags/flag.ts";
import { userName } from "../plan/access-from-flags.ts";
import { refuseReservedLabels } from "../plan/reserved-labels.ts";
import type { RunPlan } from "../plan/schema.ts";
import { refuseOwnArgs } from "../suite/server-args.ts";
import { planFromFlags, workloadNamed } from "../workloads/catalogue.ts";

/** A part of what is measured that is sent before it, where the user does not say how much. */
const WARMUP_SHARE = 0.1;

export type ArmName = "a" | "b";

/** The labels of a session's runs; `side` is the arm, and runs of a canary alone have the last. */
export const SESSION_LABELS = ["session", "side", "pair", "canary"] as const;

/** The flags of one arm alone. */
export interface ArmFlags {
  etcd?: string;
  endpoints?: string;
  /** Of etcd's processes. */
  args?: readonly string[];
  /** Of the workload. */
  flags?: GivenFlags;
}

export interface Arm {
  name: ArmName;
  label: string;
  /** All flags of its runs. */
  flags: GivenFlags;
  /** The flag that named its binary. */
  etcdFlag: string;
  plan: RunPlan;
  notes: string[];
}

export interface ArmsGiven {
  command: string;
  positionals: readonly string[];
  shared: GivenFlags;
  a: ArmFlags;
  b: ArmFlags;
  isCanary: boolean;
}

/** @throws BenchError (usage) in one line that names the flag */
export function armsFromFlags(given: ArmsGiven, env: NodeJS.ProcessEnv): { a: Arm; b: Arm } {
  const { a, isCanary } = given;
  refuseNoDifference(given);
  const startsClusters = whetherClustersStart(given);
  const armOf = (name: ArmName, own: ArmFlags) => planArm(name, own, startsClusters, given, env);
  const armA = armOf("a", a);
  // The arms of a canary have the same flags, and errors name those of a.
  return { a: armA, b: isCanary ? { ...armA, name: "b" } : armOf("b", given.b) };
}

function refuseNoDifference({ a, b, isCanary }: ArmsGiven): void {
  const [ofB] = Object.keys(b);
  if (isCanary && ofB !== undefined) {
    throw flagError("canary", `--canary measures arm a against itself; leave --b-${ofB} out`);
  }
  if (isCanary || ofB !== undefined || Object.keys(a).length > 0) return;
  throw usageError(
    "arms a and b are the same; give --b-etcd, --b-args, --b-endpoints or --b-flags, or --canary to " +
      "measure the same against itself",
  );
}

/** Whether runs have throwaway clusters: those of both arms, or none. */
function whetherClustersStart({ shared, a, b }: ArmsGiven): boolean {
  const reasons: string[] = [];
  const obstacles: string[] = [];
  const look = (flag: string, value: unknown, into: string[]) => {
    if (value !== undefined) into.push(flag);
  };
  look("--local", shared.local, reasons);
  look("--endpoints", shared.endpoints, obstacles);
  for (const [name, own] of [["a", a] as const, ["b", b] as const]) {
    look(`--${name}-etcd`, own.etcd, reasons);
    look(`--${name}-args`, own.args, reasons);
    look(`--${name}-flags=--local`, own.flags?.local, reasons);
    look(`--${name}-flags=--etcd`, own.flags?.etcd, reasons);
    look(`--${name}-endpoints`, own.endpoints, obstacles);
    look(`--${name}-flags=--endpoints`, own.flags?.endpoints, obstacles);
  }
  const [reason, obstacle] = [reasons[0], obstacles[0]];
  if (reason !== undefined && obstacle !== undefined) {
    throw usageError(
      `${reason} and ${obstacle} exclude each other: temporary clusters are started for the runs of both arms or of none; leave one of them out`,
    );
  }
  return reason !== undefined;
}

function planArm(
  name: ArmName,
  own: ArmFlags,
  startsClusters: boolean,
  { command, shared, positionals }: ArmsGiven,
  env: NodeJS.ProcessEnv,
): Arm {
  const flags: GivenFlags = {
    ...(startsClusters ? { local: "1" } : {}),
    ...shared,
    ...own.flags,
    ...(own.etcd === undefined ? {} : { etcd: own.etcd }),
    ...(own.endpoints === undefined ? {} : { endpoints: own.endpoints }),
  };
  const { plan, notes } = naming(name, own, () => {
    const planned = planFromFlags({ command, flags, args: positionals }, env);
    refuseReservedLabels("ab", SESSION_LABELS, planned.plan.labels);
    return planned;
  });
  refuseOwnArgs(own.args ?? [], `--${name}-args`);
  const { local } = plan.target;
  if (local !== null) local.serverArgs = [...(own.args ?? [])];
  if (flags.warmup === undefined) plan.limits = warmed(plan);
  return { name, label: labelOf(name, own), flags, etcdFlag: etcdFlagOf(name, own), plan, notes };
}

function etcdFlagOf(name: ArmName, { etcd, flags }: ArmFlags): string {
  if (etcd !== undefined) return `--${name}-etcd`;
  return flags?.etcd === undefined ? "--etcd" : `--${name}-flags: --etcd`;
}

/** Names the flag as given, in errors about a flag of this arm alone. */
function naming<T>(name: ArmName, { endpoints, etcd, flags = {} }: ArmFlags, plan: () => T): T {
  try {
    return plan();
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    const flag = cause.flag ?? "";
    const isNamed = (flag === "endpoints" && endpoints) || (flag === "etcd" && etcd);
    if (isNamed) throw usageError(cause.message.replace(/^--/, `--${name}-`), cause);
    if (flag in flags) throw usageError(`--${name}-flags: ${cause.message}`, cause);
    throw cause;
  }
}

function warmed({ limits, workload }: RunPlan): RunPlan["limits"] {
  if (!workloadNamed(workload.kind).isWarmed) return limits;
  const { totalRequests, durationMs } = limits;
  if (durationMs !== null) return { ...limits, warmupMs: durationMs * WARMUP_SHARE };
  return { ...limits, warmupRequests: Math.ceil(totalRequests! * WARMUP_SHARE) };
}

/** The flags of this arm alone, as a user writes them; without a password. */
function labelOf(name: ArmName, { etcd, endpoints, args, flags }: ArmFlags): string {
  const parts: string[] = [];
  if (etcd !== undefined) parts.push(`--${name}-etcd=${etcd}`);
  if (endpoints !== undefined) parts.push(`--${name}-endpoints=${endpoints}`);
  if (args !== undefined) parts.push(`--${name}-args='${args.join(" ")}'`);
  if (flags !== undefined) parts.push(`--${name}-flags='${wordsOf(flags)}'`);
  return parts.length === 0 ? name : `${name} (${parts.join(" ")})`;
}

function wordsOf(flags: GivenFlags): string {
  return Object.entries(flags)
    .map(([flag, value]) => {
      if (value === true) return `--${flag}`;
      return `--${flag}=${flag === "user" ? userName(String(value)) : value}`;
    })
    .join(" ");
}
