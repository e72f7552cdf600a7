/**
 * Owns the way from the flags of one command line to a RunPlan in which every default is written.
 * Pure: called by cli/ before anything is started, so a bad value costs nothing but its one line.
 */
import { foregroundOf, type ImpactCommand, impactFlags } from "./impact.ts";
import { withKeys } from "./invocation-keys.ts";
import { labelsOf } from "./labels.ts";
import { limitsOf, loadOf, pacingOf } from "./load-from-flags.ts";
import { maintenanceFromFlags } from "./maintenance.ts";
import { type PlanFlags, textOf } from "./plan-flags.ts";
import type { RunPlan, Search, Workload } from "./schema.ts";
import { searchFromFlags, VERIFICATION_DURATION } from "./search-from-flags.ts";
import { targetOf } from "./target-from-flags.ts";
import { parseThreshold } from "./threshold.ts";
import { badValue, readFraction } from "./units.ts";
import { deleteFromFlags } from "./workload/delete.ts";
import { electionFromFlags } from "./workload/election.ts";
import { kubernetesFlags, kubernetesFromFlags } from "./workload/kubernetes-flags.ts";
import { leaseGrantFromFlags } from "./workload/lease-grant.ts";
import { leaseKeepaliveFromFlags } from "./workload/lease-keepalive.ts";
import { lockFromFlags } from "./workload/lock.ts";
import { mixedFromFlags } from "./workload/mixed.ts";
import { stalenessFlags, stalenessFromFlags } from "./workload/staleness.ts";
import { stmFromFlags } from "./workload/stm.ts";
import { txnMixedFromFlags } from "./workload/txn-mixed.ts";
import { txnPutFromFlags } from "./workload/txn-put.ts";
import { watchFlags, watchFromFlags } from "./workload/watch.ts";
import { watchGetFromFlags } from "./workload/watch-get.ts";
import { putFromFlags, rangeFromFlags } from "./workload-from-flags.ts";

export type Invocation =
  | { command: ImpactCommand; flags: PlanFlags }
  | { command: "watch" | "watch-latency"; flags: PlanFlags }
  | { command: "watch-get"; flags: PlanFlags }
  | { command: "staleness"; flags: PlanFlags }
  | { command: "put"; flags: PlanFlags }
  | { command: "lease-grant"; flags: PlanFlags }
  | { command: "stm"; flags: PlanFlags }
  | { command: "lock"; flags: PlanFlags }
  | { command: "election"; flags: PlanFlags }
  | { command: "lease-keepalive"; flags: PlanFlags }
  | { command: "range"; flags: PlanFlags; key: string | null; end: string | null }
  | { command: "txn-put"; flags: PlanFlags }
  | { command: "delete"; flags: PlanFlags }
  | { command: "mixed"; flags: PlanFlags }
  | { command: "kubernetes"; flags: PlanFlags }
  | { command: "txn-mixed"; flags: PlanFlags; key: string | null; end: string | null };

export interface PlannedRun {
  plan: RunPlan;
  /** What the person should know although the run goes on; a sentence each. */
  notes: string[];
}

/** Throws a usage error (exit 2) in one line for the first value that cannot be used. */
export function planFromFlags(asGiven: Invocation, env: NodeJS.ProcessEnv): PlannedRun {
  const given = withKeys(asGiven);
  const invocation = withOwnDefaults(given);
  const { flags } = invocation;
  const notes: string[] = [];
  const note = (line: string) => notes.push(line);
  const target = targetOf(flags, env, note);
  const load = loadOf(flags, note, usesAllConnections(invocation));
  const search = searchFromFlags(given.flags, note);
  const pacing = pacingOf(
    search === null ? flags : { ...flags, rate: textOf(flags, "find-start") },
    note,
  );
  const limits = limitsOf(
    search === null
      ? flags
      : { ...flags, total: undefined, duration: flags.duration ?? VERIFICATION_DURATION },
    // It ends by itself.
    invocation.command === "watch-get",
  );
  const workload = workloadOf(invocation, limits, load, note);
  // A search's steps last as long as they need.
  const durationMs = search === null ? limits.durationMs : null;
  // The API servers of kubernetes compact by themselves.
  const compacts = invocation.command === "kubernetes";
  const maintained = compacts ? { ...flags, "compact-interval": undefined } : flags;
  const maintenance = maintenanceFromFlags(maintained, durationMs, note);
  const judge = judgeOf(flags, search);
  const labels = labelsOf(flags.label ?? []);
  const cleanup = flags.cleanup ?? false;
  const settings = { target, workload, load, pacing, limits };
  const plan = { ...settings, maintenance, judge, search, labels, cleanup };
  return { plan, notes };
}

/** The flags of a command of which some shared flags have other defaults. */
function withOwnDefaults(invocation: Invocation): Exclude<Invocation, { command: ImpactCommand }> {
  const { command, flags } = invocation;
  switch (command) {
    case "compact":
    case "defrag":
      return { command: foregroundOf(flags), flags: impactFlags(command, flags) };
    case "watch":
    case "watch-latency":
      return { ...invocation, flags: watchFlags(command, flags) };
    case "kubernetes":
      return { ...invocation, flags: kubernetesFlags(flags) };
    case "staleness":
      return { ...invocation, flags: stalenessFlags(flags) };
    default:
      return invocation;
  }
}

/** Watches go over all connections, whether a client uses them or not. */
function usesAllConnections({ command }: Pick<Invocation, "command">): boolean {
  return command.startsWith("watch") || command === "kubernetes";
}

function workloadOf(
  invocation: ReturnType<typeof withOwnDefaults>,
  limits: RunPlan["limits"],
  load: RunPlan["load"],
  note: (line: string) => void,
): Workload {
  const { command, flags } = invocation;
  const { totalRequests } = limits;
  switch (command) {
    case "put":
      return putFromFlags(flags, totalRequests, note);
    case "range":
      return rangeFromFlags(flags, invocation.key, endOf(invocation), note);
    case "watch":
    case "watch-latency":
      return watchFromFlags(command, flags, load, note);
    case "watch-get":
      return watchGetFromFlags(flags, note);
    case "txn-put":
      return txnPutFromFlags(flags, note);
    case "delete":
      return deleteFromFlags(flags, totalRequests, note);
    case "mixed":
      return mixedFromFlags(flags, { limits, load }, note);
    case "kubernetes":
      return kubernetesFromFlags(flags, load, note);
    case "txn-mixed":
      return txnMixedFromFlags(flags, invocation.key, endOf(invocation), note);
    case "lease-grant":
      return leaseGrantFromFlags(flags, load.timeoutMs, note);
    case "staleness":
      return stalenessFromFlags(flags, load, note);
    case "stm":
      return stmFromFlags(flags, note);
    case "lock":
      return lockFromFlags(flags, load, note);
    case "election":
      return electionFromFlags(flags, load, note);
    case "lease-keepalive":
      return leaseKeepaliveFromFlags(flags);
  }
}

function judgeOf(flags: PlanFlags, search: Search | null): RunPlan["judge"] {
  const text = textOf(flags, "max-error-rate");
  const errorLimit = search?.limits.find(({ metric }) => metric === "errors");
  // What a search allows is no failure of its steps, unless the person says so.
  const isGiven = flags["max-error-rate"] !== undefined || errorLimit === undefined;
  const maxErrorRate = isGiven ? readFraction(text) : errorLimit.bound;
  if (maxErrorRate === null) {
    throw badValue("--max-error-rate", text, "a share from 0 to 1 or from 0% to 100%", "1%");
  }
  return {
    maxErrorRate,
    thresholds: (flags.threshold ?? []).map((each) => parseThreshold("--threshold", each)),
    strict: flags.strict ?? false,
    checkHashKv: flags["check-hashkv"] ?? false,
  };
}

/** As upstream: a script's empty variable names no end. */
function endOf({ end }: { end: string | null }): string | null {
  return end === "" ? null : end;
}
