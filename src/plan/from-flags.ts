/**
 * Makes a RunPlan, in which every default is written, of the flags of one command line. Pure: called
 * before anything is started, so that a bad value costs nothing but its one line.
 */

import { flagError } from "../errors.ts";
import { checkEventTimes, SCHEDULED_EVENTS } from "../events/catalogue.ts";
import { EVENT } from "../events/event-flag.ts";
import { type GivenFlags, isGiven, type Read, readFlags } from "../flags/flag.ts";
import { CHECK_HASHKV, JUDGE_FLAGS, LABEL } from "../flags/output.ts";
import { TARGET_FLAGS } from "../flags/target.ts";
import { limitsOf, loadOf, pacingOf } from "./load-from-flags.ts";
import type { PlannableCommand } from "./plannable.ts";
import type { ProfileKind, RunPlan, Search } from "./schema.ts";
import { searchFromFlags, VERIFICATION_MS } from "./search-from-flags.ts";
import { targetOf } from "./target-from-flags.ts";

export interface PlannedRun {
  plan: RunPlan;
  /** What the user should know although the run goes on; a sentence each. */
  notes: string[];
}

/** Of the plan, and of no command alone. */
const PLAN_FLAGS = { ...JUDGE_FLAGS, labels: LABEL, checkHashKv: CHECK_HASHKV };

/** @throws BenchError (usage) in one line for the first value that cannot be used */
export function planRun(
  workload: PlannableCommand,
  asGiven: GivenFlags,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): PlannedRun {
  const given = workload.fill(asGiven);
  const notes: string[] = [];
  const note = (line: string) => notes.push(line);
  const { loadFlags, endsByItself } = workload;
  const target = targetOf(readFlags(TARGET_FLAGS, given), given, env, note);
  const flags = readFlags(loadFlags, given);
  if (flags.transport === "gateway" && target.local?.grpcProxy) {
    throw flagError(
      "grpc-proxy",
      "--grpc-proxy and --transport=gateway exclude each other: the proxy has no grpc-gateway; leave one of them out",
    );
  }
  const load = loadOf(flags, { workload, given }, note);
  const search = searchFromFlags(flags, { loadFlags, given: asGiven }, note);
  const ratePerSec = search === null ? flags.ratePerSec : search.startRatePerSec;
  const pacing = pacingOf(flags, ratePerSec, { loadFlags, given }, note);
  const limits =
    search === null
      ? limitsOf(flags, isGiven(given, loadFlags.total), endsByItself)
      : limitsOf(
          { ...flags, durationMs: flags.durationMs ?? VERIFICATION_MS },
          false,
          endsByItself,
        );
  const planned = workload.planFrom(given, { args, given, limits, load, note });
  // A search's steps last as long as they need.
  const isTimed = search === null && limits.durationMs !== null;
  const durationMs = isTimed ? limits.durationMs! * workload.passes(planned) : null;
  const context = { given, durationMs, note };
  const maintenance = {
    ...Object.fromEntries(
      SCHEDULED_EVENTS.map((event) => [
        event.kind,
        workload.events.includes(event) ? event.planFrom(context) : null,
      ]),
    ),
    events: [...EVENT.read(given)],
  };
  if (search !== null && maintenance.events.length > 0) {
    throw flagError(
      EVENT.name,
      "--event and --find-max exclude each other: each step of a search would have the fault; give one of them",
    );
  }
  checkEventTimes(maintenance, durationMs);
  const planFlags = readFlags(PLAN_FLAGS, given);
  if (planFlags.profiles.length > 0 && search !== null) {
    throw flagError(
      JUDGE_FLAGS.profiles.name,
      "--pprof and --find-max exclude each other: each step of a search would have profiles of its own; give one of them",
    );
  }
  const plan = {
    ...{
      target: withProfiles(target, planFlags.profiles),
      workload: planned,
      load,
      pacing,
      limits,
      maintenance,
    },
    judge: judgeOf(planFlags, isGiven(given, JUDGE_FLAGS.maxErrorRate), search),
    search,
    labels: Object.fromEntries(planFlags.labels),
    cleanup: given.cleanup === true,
  };
  return { plan, notes };
}

/** A throwaway cluster serves its profiles if they are asked for. */
function withProfiles(
  target: RunPlan["target"],
  profiles: readonly ProfileKind[],
): RunPlan["target"] {
  const { local } = target;
  if (local === null || profiles.length === 0) return target;
  return { ...target, local: { ...local, serverArgs: ["--enable-pprof", ...local.serverArgs] } };
}

function judgeOf(
  {
    maxErrorRate,
    thresholds,
    strict,
    checkHashKv,
    keepSlowest,
    by,
    profiles,
  }: Read<typeof PLAN_FLAGS>,
  isGivenRate: boolean,
  search: Search | null,
): RunPlan["judge"] {
  const errorLimit = search?.limits.find(({ metric }) => metric === "errors");
  return {
    // Errors that a search allows do not fail its steps, unless the user gives a limit.
    maxErrorRate: isGivenRate ? maxErrorRate : (errorLimit?.bound ?? maxErrorRate),
    thresholds: [...thresholds],
    strict,
    checkHashKv,
    keepSlowest,
    by,
    profiles: [...profiles],
  };
}
