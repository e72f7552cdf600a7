/**
 * Owns the two sides of a session, from flags: what both share, what each has of its own, and the
 * plan of a run of each. Pure.
 */
import { BenchError, usageError } from "../errors.ts";
import { userName } from "../plan/access-from-flags.ts";
import { type Invocation, planFromFlags } from "../plan/from-flags.ts";
import { invocationOf } from "../plan/invocation.ts";
import type { PlanFlags } from "../plan/plan-flags.ts";
import type { RunPlan } from "../plan/schema.ts";
import { WARMED_WORKLOADS, WARMUP_SHARE } from "./defaults.ts";
import { refuseOwnArgs } from "./server-args.ts";
import type { SideName } from "./turns.ts";

/** What tells a run of a session from all others; of a canary's also that it is one. */
export const SESSION_LABELS = ["session", "side", "pair", "canary"] as const;

/** What one side has of its own. */
export interface SideFlags {
  etcd?: string;
  endpoints?: string;
  /** Of etcd's processes. */
  args?: readonly string[];
  /** Of the workload. */
  flags?: PlanFlags;
}

export interface Side {
  name: SideName;
  label: string;
  /** All flags of its runs. */
  flags: PlanFlags;
  /** The flag that named its binary. */
  etcdFlag: string;
  plan: RunPlan;
  notes: string[];
}

export interface SidesGiven {
  command: Invocation["command"];
  positionals: readonly string[];
  shared: PlanFlags;
  a: SideFlags;
  b: SideFlags;
  isCanary: boolean;
}

/** @throws BenchError (usage) in one line that names the flag */
export function sidesFromFlags(given: SidesGiven, env: NodeJS.ProcessEnv): { a: Side; b: Side } {
  const { a, isCanary } = given;
  refuseNoDifference(given);
  const startsClusters = whetherClustersStart(given);
  const sideOf = (name: SideName, own: SideFlags) =>
    planSide(name, own, startsClusters, given, env);
  const sideA = sideOf("a", a);
  // Of a canary the flags are those of a, by whose names a person knows them.
  return { a: sideA, b: isCanary ? { ...sideA, name: "b" } : sideOf("b", given.b) };
}

function refuseNoDifference({ a, b, isCanary }: SidesGiven): void {
  const [ofB] = Object.keys(b);
  if (isCanary && ofB !== undefined) {
    throw usageError(`--canary measures side a against itself; leave --b-${ofB} out`);
  }
  if (isCanary || ofB !== undefined || Object.keys(a).length > 0) return;
  throw usageError(
    "nothing tells side a from side b; give --b-etcd, --b-args, --b-endpoints or --b-flags, or " +
      "--canary to measure the same against itself",
  );
}

/** Whether runs have throwaway clusters, which holds for both sides or for none. */
function whetherClustersStart({ shared, a, b }: SidesGiven): boolean {
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
      `${reason} and ${obstacle} exclude each other: throwaway clusters are started for the runs of both sides or of none; leave one of them out`,
    );
  }
  return reason !== undefined;
}

function planSide(
  name: SideName,
  own: SideFlags,
  startsClusters: boolean,
  { command, shared, positionals }: SidesGiven,
  env: NodeJS.ProcessEnv,
): Side {
  const flags: PlanFlags = { ...shared, ...own.flags };
  if (own.etcd !== undefined) flags.etcd = own.etcd;
  if (own.endpoints !== undefined) flags.endpoints = own.endpoints;
  if (startsClusters) flags.local ??= "1";
  const { plan, notes } = naming(name, own, () =>
    planFromFlags(invocationOf(command, flags, positionals), env),
  );
  refuseOwnArgs(own.args ?? [], `--${name}-args`);
  const taken = SESSION_LABELS.find((label) => label in plan.labels);
  if (taken !== undefined) {
    throw usageError(`--label: ${taken} is what ab calls its runs by; take another name`);
  }
  const { local } = plan.target;
  if (local !== null) local.serverArgs = [...(own.args ?? [])];
  if (flags.warmup === undefined) plan.limits = warmed(plan);
  return { name, label: labelOf(name, own), flags, etcdFlag: etcdFlagOf(name, own), plan, notes };
}

function etcdFlagOf(name: SideName, { etcd, flags }: SideFlags): string {
  if (etcd !== undefined) return `--${name}-etcd`;
  return flags?.etcd === undefined ? "--etcd" : `--${name}-flags: --etcd`;
}

/** Has an error name the flag that the person gave, where it speaks of one of this side's own. */
function naming<T>(name: SideName, { endpoints, etcd, flags = {} }: SideFlags, plan: () => T): T {
  try {
    return plan();
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    const flag = /^--([\w-]+)/.exec(cause.message)?.[1] ?? "";
    const isNamed = (flag === "endpoints" && endpoints) || (flag === "etcd" && etcd);
    if (isNamed) throw usageError(cause.message.replace(/^--/, `--${name}-`), cause);
    if (flag in flags) throw usageError(`--${name}-flags: ${cause.message}`, cause);
    throw cause;
  }
}

function warmed({ limits, workload }: RunPlan): RunPlan["limits"] {
  if (!WARMED_WORKLOADS.has(workload.kind)) return limits;
  const { totalRequests, durationMs } = limits;
  if (durationMs !== null) return { ...limits, warmupMs: durationMs * WARMUP_SHARE };
  return { ...limits, warmupRequests: Math.ceil(totalRequests! * WARMUP_SHARE) };
}

/** What the side has of its own, as a person would write it; a password is left out. */
function labelOf(name: SideName, { etcd, endpoints, args, flags }: SideFlags): string {
  const parts: string[] = [];
  if (etcd !== undefined) parts.push(`--${name}-etcd=${etcd}`);
  if (endpoints !== undefined) parts.push(`--${name}-endpoints=${endpoints}`);
  if (args !== undefined) parts.push(`--${name}-args='${args.join(" ")}'`);
  if (flags !== undefined) parts.push(`--${name}-flags='${wordsOf(flags)}'`);
  return parts.length === 0 ? name : `${name} (${parts.join(" ")})`;
}

function wordsOf(flags: PlanFlags): string {
  return Object.entries(flags)
    .map(([flag, value]) => {
      if (value === true) return `--${flag}`;
      return `--${flag}=${flag === "user" ? userName(String(value)) : value}`;
    })
    .join(" ");
}
