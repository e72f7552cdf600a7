/** Estimates how long runs take: what their plans say, and what each run costs in addition. */
import { halvingSteps } from "../plan/halving-steps.ts";
import type { RunPlan } from "../plan/schema.ts";
import { fullStepMs, searchStepMs } from "../plan/step-duration.ts";
import { workloadNamed } from "../workloads/catalogue.ts";

/**
 * `schedule`: its duration, or total over rate. `most`: its duration, which a total may cut short.
 * `least`: its duration, before which comes a warm-up of so many requests, which no rate gives a time.
 * `earlier`: as an earlier run of the same took. `expected`: as the suite's author says, or as
 * searches take that double twice.
 */
export interface Estimate {
  ms: number;
  by: "schedule" | "most" | "least" | "earlier" | "expected";
}

export interface KnownTimes {
  /** What earlier runs with the same words took; null without any. */
  earlierMs: number | null;
  expectMs: number | null;
}

/** The measured phase and the warm-up, without start and preparation; null where only a trial tells. */
export function estimateRun(plan: RunPlan, { earlierMs, expectMs }: KnownTimes): Estimate | null {
  const { durationMs, totalRequests } = plan.limits;
  const { ratePerSec } = plan.pacing;
  const passes = workloadNamed(plan.workload.kind).passes(plan.workload);
  const warmupMs = warmupMsOf(plan);
  const whole = (ms: number) => (ms + (warmupMs ?? 0)) * passes;
  const isScheduled = plan.search === null && warmupMs !== null;
  if (isScheduled && durationMs !== null && totalRequests === null) {
    return { ms: whole(durationMs), by: "schedule" };
  }
  if (isScheduled && ratePerSec !== null && totalRequests !== null) {
    const totalMs = (totalRequests / ratePerSec) * 1000;
    return { ms: whole(Math.min(totalMs, durationMs ?? totalMs)), by: "schedule" };
  }
  if (earlierMs !== null && warmupMs !== null) return { ms: whole(0) + earlierMs, by: "earlier" };
  if (expectMs !== null) return { ms: expectMs, by: "expected" };
  if (plan.search !== null) {
    const { startRatePerSec, precision } = plan.search;
    const steps = USUAL_BRACKET_STEPS + halvingSteps(1 / precision);
    const stepMs = searchStepMs(plan, plan.search, startRatePerSec);
    const stepsMs = steps * (whole(stepMs) + aroundRunMs(plan, false));
    return { ms: stepsMs + whole(fullStepMs(plan, plan.search)), by: "expected" };
  }
  if (durationMs === null) return null;
  return { ms: whole(durationMs), by: warmupMs === null ? "least" : "most" };
}

/** Null: a number of requests without a rate, of which only a trial tells how long they take. */
function warmupMsOf({ limits: { warmupMs, warmupRequests }, pacing }: RunPlan): number | null {
  if (warmupRequests === null) return warmupMs ?? 0;
  return pacing.ratePerSec === null ? null : (warmupRequests / pacing.ratePerSec) * 1000;
}

/** Two rates that hold, and one that fails twice. */
const USUAL_BRACKET_STEPS = 4;

/**
 * A run's cost in addition to its measured phase: start of the workers, connections, a look at the
 * cluster, the warm-up of the path, clean-up, reading metrics, saving. A default, like the next one,
 * for two idle cores: the runs of the session itself replace it as soon as there is one.
 */
const AROUND_RUN_MS = 1_500;
/** Start and end of a throwaway cluster, by its members. */
const CLUSTER_MS: Record<number, number> = { 1: 1_500, 3: 3_000, 5: 5_000 };

/** Of each put and grant before the load, and of each request of a step that prepares a cell. */
const SET_UP_PUT_MS = 0.5;
/** What etcd writes of large values: once to its log, and once to its database. */
const SET_UP_BYTES_PER_MS = 80_000;
/** To open one, by both sides; with TLS each signs, and checks the other's signature. */
const CONNECTION_MS = { plain: 0.75, tls: 3 };

export function aroundRunMs(plan: RunPlan, startsCluster: boolean): number {
  const { target, workload, pacing, load } = plan;
  const members = target.local?.members;
  const clusterMs = startsCluster && members !== undefined ? CLUSTER_MS[members]! : 0;
  const of = workloadNamed(workload.kind);
  const written = of.plannedWrites(workload, 0, pacing.ratePerSec);
  const puts = written?.puts ?? 0;
  const bytes = puts * (written?.valSizeBytes ?? 0);
  // Each is granted before the load, and revoked after it.
  const leases = of.setUpLeases(workload, load.clients);
  const setUpMs = (puts + 2 * leases) * SET_UP_PUT_MS + bytes / SET_UP_BYTES_PER_MS;
  const isTls = target.tls !== null || target.local?.tls === true;
  const connectMs = load.connections * (isTls ? CONNECTION_MS.tls : CONNECTION_MS.plain);
  return AROUND_RUN_MS + clusterMs + connectMs + setUpMs + of.waitAfterMs(workload);
}

/** A step that prepares a cell: its requests take as long as those of a set-up where nothing says more. */
export function prepareMs(plan: RunPlan): number {
  const known = estimateRun(plan, { earlierMs: null, expectMs: null });
  const ms = known?.ms ?? (plan.limits.totalRequests ?? 0) * SET_UP_PUT_MS;
  return ms + aroundRunMs(plan, false);
}

export interface WholeEstimate {
  /** Of all runs that something is known of. */
  ms: number;
  /** Of which nothing is known, or a part. */
  unknownRuns: number;
  /** Whether some of it is an upper bound. */
  isMost: boolean;
}

export function sumOf(
  estimates: readonly { estimate: Estimate | null; aroundMs: number }[],
): WholeEstimate {
  let ms = 0;
  let unknownRuns = 0;
  let isMost = false;
  for (const { estimate, aroundMs } of estimates) {
    ms += aroundMs + (estimate?.ms ?? 0);
    if (estimate === null || estimate.by === "least") unknownRuns++;
    if (estimate?.by === "most") isMost = true;
  }
  return { ms, unknownRuns, isMost };
}

/** `about 2m10s`, `at most 2m10s`, `45s and 3 runs of which nothing is known`. */
export function describeEstimate({ ms, unknownRuns, isMost }: WholeEstimate): string {
  const time = roundedDuration(ms);
  if (unknownRuns === 0) return `${isMost ? "at most" : "about"} ${time}`;
  const runs =
    unknownRuns === 1 ? "one run sends" : `${unknownRuns.toLocaleString("en-US")} runs send`;
  return `${time} and more: ${runs} a given number of requests, and no earlier run says how long that takes`;
}

/** To the second, above ten minutes to the minute. */
export function roundedDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
  const whole = Math.round(seconds / 60);
  return whole < 60
    ? `${whole}m`
    : `${Math.floor(whole / 60)}h${String(whole % 60).padStart(2, "0")}m`;
}

/** After a number of runs or pairs: `, 2 of them done`; empty where none is. */
export function doneWords(done: number): string {
  return done === 0 ? "" : `, ${done} of them done`;
}
