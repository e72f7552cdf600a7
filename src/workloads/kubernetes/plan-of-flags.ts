/** Makes the plan of `bench kubernetes` from its flags, with the rate that fits the cluster's size. */
import { flagError } from "../../errors.ts";
import { type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import type { PlanContext } from "../../plan/plannable.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { withDuration } from "../parts/flags/usual-duration.ts";
import { assertEventsExpire } from "./events-expire.ts";
import { CLUSTER_FLAGS, CONFLICT_RATE, type Flags, MIX, RELISTS } from "./flags.ts";
import type { KubernetesScenario } from "./kinds.ts";
import { CONTENDED_KINDS, type KubernetesWorkload, mixOfCluster } from "./request-mix.ts";

/** Fewer with --scenario=relist, so that each lister soon comes round again. */
export const RELIST_CLIENTS = "10";
export const DURATION = "60s";
const PODS_PER_NODE = 30;
const PODS_PER_NAMESPACE = 100;
const PODS_PER_SERVICE = 20;
/** So that there is always one that no client uses, though some come and go. */
const PODS_PER_CLIENT = 2;
/** As many digits as their keys have. */
const MAX_NAMESPACES = 99_999;
const EVENT_TTL_SECONDS = 3_600;
/** Of events in the scenario that waits for their end. */
const SHORT_EVENT_TTL_SECONDS = 4;
const MAX_LEASE_REUSE_MS = 60_000;
const STORM_WATCHERS = 4;

/** Adds the rate of the cluster's requests and, for a run without an end, a duration. */
export function filledByCluster(given: GivenFlags): GivenFlags {
  const { scenario, nodes, pods } = clusterOf(readFlags(CLUSTER_FLAGS, given));
  const mix = mixOfCluster(scenario, nodes, pods);
  const perSec = mix.reduce((sum, { weight }) => sum + weight, 0);
  return {
    ...(scenario === "relist" ? { clients: RELIST_CLIENTS } : {}),
    rate: String(Math.max(1, Math.round(perSec * 10) / 10)),
    ...withDuration(given, DURATION),
  };
}

/** @throws BenchError (usage) for a cluster that is too small for its clients, or a mix that ends it */
export function kubernetesPlan(
  flags: Flags,
  { given, load, note }: PlanContext,
): KubernetesWorkload {
  const { scenario, nodes, pods } = clusterOf(flags);
  const { conflictRate, prefix, podSizeBytes, compactIntervalMs } = flags;
  const usualTtl = scenario === "events" ? SHORT_EVENT_TTL_SECONDS : EVENT_TTL_SECONDS;
  const eventTtlSeconds = flags.eventTtlSeconds ?? usualTtl;
  assertEnough(nodes, pods, load);
  const plan: KubernetesWorkload = {
    kind: "kubernetes",
    ...{ scenario, prefix, nodes, pods, podSizeBytes, conflictRate },
    namespaces: Math.min(MAX_NAMESPACES, Math.ceil(pods / PODS_PER_NAMESPACE)),
    // Each worker has some of its own.
    services: Math.max(load.workers, Math.ceil(pods / PODS_PER_SERVICE)),
    mix: mixOf(flags.mix, scenario) ?? mixOfCluster(scenario, nodes, pods),
    relistClients: relistClientsOf(flags, given, load.clients, note),
    watchersPerResource: scenario === "job-storm" ? STORM_WATCHERS : 1,
    listPageKeys: 500,
    relistPageKeys: 10_000,
    eventTtlSeconds,
    leaseReuseMs: Math.min(MAX_LEASE_REUSE_MS, (eventTtlSeconds * 1000) / 5),
    leaseMaxEvents: 1_000,
    compactIntervalMs,
  };
  assertEventsExpire(plan, load.timeoutMs);
  const isContended = plan.mix.some(({ operation }) => CONTENDED_KINDS.includes(operation));
  if (given[CONFLICT_RATE.name] !== undefined && conflictRate > 0 && !isContended) {
    note(`--conflict-rate has no effect: the requests hold none of ${CONTENDED_KINDS.join(", ")}`);
  }
  return plan;
}

function clusterOf({ scenario, nodes, pods }: Read<typeof CLUSTER_FLAGS>) {
  return { scenario, nodes, pods: pods ?? nodes * PODS_PER_NODE };
}

/** Else clients would meet at an object more often than --conflict-rate says. */
function assertEnough(nodes: number, pods: number, { clients, workers }: RunPlan["load"]): void {
  if (nodes < workers) {
    throw flagError(
      "nodes",
      `--nodes=${nodes} are fewer than --workers=${workers}: give --nodes=${workers}`,
    );
  }
  if (pods >= clients * PODS_PER_CLIENT) return;
  throw flagError(
    "pods",
    `--pods=${pods} are too few for --clients=${clients}, each of which may be at one: give --pods=` +
      `${clients * PODS_PER_CLIENT}, or fewer clients`,
  );
}

/** Null where it follows from the cluster. */
function mixOf(
  mix: KubernetesWorkload["mix"] | null,
  scenario: KubernetesScenario,
): KubernetesWorkload["mix"] | null {
  if (mix === null) return null;
  if (scenario === "job-storm" || scenario === "events") {
    throw flagError(
      MIX.name,
      `--mix: --scenario=${scenario} has requests of its own; leave it out, or give --scenario=steady`,
    );
  }
  const weightOf = (wanted: string) =>
    mix.find(({ operation }) => operation === wanted)?.weight ?? 0;
  if (weightOf("pod-delete") > weightOf("pod-create")) {
    throw flagError(
      MIX.name,
      "--mix: with more of pod-delete than of pod-create no pod would be left; give them one weight",
    );
  }
  return mix;
}

function relistClientsOf(
  { scenario, relists }: Flags,
  given: GivenFlags,
  clients: number,
  note: PlanContext["note"],
): number {
  if (scenario !== "relist") {
    if (given[RELISTS.name] !== undefined) {
      note("--relists has no effect without --scenario=relist");
    }
    return 0;
  }
  if (relists < clients) return relists;
  throw flagError(
    RELISTS.name,
    `--relists=${relists} takes a client each, and some must be left to write: give --clients=` +
      `${relists * 2} or fewer relists`,
  );
}
