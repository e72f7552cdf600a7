/** Owns the flags of kubernetes, read into its workload, and its own defaults of shared flags. */
import { usageError } from "../../errors.ts";
import { DEFAULTS } from "../defaults.ts";
import { choiceOf, countOf, type PlanFlags, textOf } from "../plan-flags.ts";
import type { RunPlan } from "../schema.ts";
import {
  badValue,
  formatDuration,
  parseDurationMs,
  parseSizeBytes,
  readFraction,
} from "../units.ts";
import {
  CONTENDED_KINDS,
  eventLeaseSeconds,
  type KubernetesWorkload,
  mixOfCluster,
} from "./kubernetes.ts";
import { KUBERNETES_DEFAULTS } from "./kubernetes-defaults.ts";
import {
  KUBERNETES_KINDS,
  KUBERNETES_SCENARIOS,
  type KubernetesScenario,
} from "./kubernetes-kinds.ts";
import { parseWeights } from "./weights.ts";

const PODS_PER_NODE = 30;
const PODS_PER_NAMESPACE = 100;
const PODS_PER_SERVICE = 20;
/** So that there is always one that nobody is at, though some come and go. */
const PODS_PER_CLIENT = 2;
const MAX_NODES = 100_000;
const MAX_PODS = 10_000_000;
/** As many digits as their keys have. */
const MAX_NAMESPACES = 99_999;
const MAX_POD_BYTES = 1_000_000;
/** What an event of a watch is known again by stands at the start of each value. */
const MIN_POD_BYTES = 64;
const MAX_TTL_SECONDS = 1_000_000;
const MAX_INTERVAL_MS = 500 * 3_600_000;
/** Of events in the scenario that waits for their end. */
const SHORT_TTL = "4s";
const MAX_LEASE_REUSE_MS = 60_000;
/** Above a lease's time to live: etcd looks for expired ones twice a second. */
const EXPIRY_ROOM_MS = 5_000;
const STORM_WATCHERS = 4;

/** The same flags with the command's own defaults, the rate of the cluster's size among them. */
export function kubernetesFlags(flags: PlanFlags): PlanFlags {
  const { scenario, nodes, pods } = clusterOf(flags);
  const mix = mixOfCluster(scenario, nodes, pods);
  const perSec = mix.reduce((sum, { weight }) => sum + weight, 0);
  const { clients, relistClients } = KUBERNETES_DEFAULTS;
  const ends = [flags.total, flags.duration, flags["find-max"]];
  const isOpen = ends.every((each) => each === undefined);
  return {
    ...flags,
    clients: flags.clients ?? (scenario === "relist" ? relistClients : clients),
    rate: flags.rate ?? String(Math.max(1, Math.round(perSec * 10) / 10)),
    ...(isOpen ? { duration: KUBERNETES_DEFAULTS.duration } : {}),
  };
}

export function kubernetesFromFlags(
  flags: PlanFlags,
  load: RunPlan["load"],
  note: (line: string) => void,
): KubernetesWorkload {
  const { scenario, nodes, pods } = clusterOf(flags);
  const eventTtlSeconds = ttlOf(flags, scenario);
  assertEnough(nodes, pods, load);
  const workload: KubernetesWorkload = {
    kind: "kubernetes",
    scenario,
    prefix: typeof flags.prefix === "string" ? flags.prefix : KUBERNETES_DEFAULTS.prefix,
    nodes,
    pods,
    namespaces: Math.min(MAX_NAMESPACES, Math.ceil(pods / PODS_PER_NAMESPACE)),
    // Each worker has some of its own.
    services: Math.max(load.workers, Math.ceil(pods / PODS_PER_SERVICE)),
    podSizeBytes: parseSizeBytes("--pod-size", textOf(flags, "pod-size"), {
      min: MIN_POD_BYTES,
      max: MAX_POD_BYTES,
      example: DEFAULTS["pod-size"],
    }),
    mix: mixOf(flags, scenario, mixOfCluster(scenario, nodes, pods)),
    conflictRate: conflictRateOf(flags),
    relistClients: relistClientsOf(flags, scenario, load.clients, note),
    watchersPerResource: scenario === "job-storm" ? STORM_WATCHERS : 1,
    listPageKeys: 500,
    relistPageKeys: 10_000,
    eventTtlSeconds,
    leaseReuseMs: Math.min(MAX_LEASE_REUSE_MS, (eventTtlSeconds * 1000) / 5),
    leaseMaxEvents: 1_000,
    compactIntervalMs: intervalOf(flags),
  };
  const neededMs = eventLeaseSeconds(workload) * 1000 + EXPIRY_ROOM_MS;
  if (scenario === "events" && load.timeoutMs < neededMs) {
    throw usageError(
      `--scenario=events waits until the last events have expired, which --timeout=` +
        `${formatDuration(load.timeoutMs)} is too short for: give --timeout=${formatDuration(neededMs)} ` +
        "or more, or a shorter --event-ttl",
    );
  }
  const { mix, conflictRate } = workload;
  const isContended = mix.some(({ operation }) => CONTENDED_KINDS.includes(operation));
  if (flags["conflict-rate"] !== undefined && conflictRate > 0 && !isContended) {
    note(`--conflict-rate has no effect: the requests hold none of ${CONTENDED_KINDS.join(", ")}`);
  }
  return workload;
}

function clusterOf(flags: PlanFlags): {
  scenario: KubernetesScenario;
  nodes: number;
  pods: number;
} {
  const scenario = choiceOf(flags, "scenario", KUBERNETES_SCENARIOS);
  const nodes = countOf(flags, "nodes", MAX_NODES);
  const pods = flags.pods === undefined ? nodes * PODS_PER_NODE : countOf(flags, "pods", MAX_PODS);
  return { scenario, nodes, pods };
}

/** Else clients would meet at an object more often than --conflict-rate says. */
function assertEnough(nodes: number, pods: number, { clients, workers }: RunPlan["load"]): void {
  if (nodes < workers) {
    throw usageError(
      `--nodes=${nodes} are fewer than --workers=${workers}: give --nodes=${workers}`,
    );
  }
  if (pods >= clients * PODS_PER_CLIENT) return;
  throw usageError(
    `--pods=${pods} are too few for --clients=${clients}, each of which may be at one: give --pods=` +
      `${clients * PODS_PER_CLIENT}, or fewer clients`,
  );
}

function mixOf(
  flags: PlanFlags,
  scenario: KubernetesScenario,
  derived: KubernetesWorkload["mix"],
): KubernetesWorkload["mix"] {
  if (flags.mix === undefined) return derived;
  if (scenario === "job-storm" || scenario === "events") {
    throw usageError(
      `--mix: --scenario=${scenario} has requests of its own; leave it out, or give --scenario=steady`,
    );
  }
  const mix = parseWeights("--mix", flags.mix, KUBERNETES_KINDS, "pod-update=9,pod-get=1");
  const weightOf = (wanted: string) =>
    mix.find(({ operation }) => operation === wanted)?.weight ?? 0;
  if (weightOf("pod-delete") > weightOf("pod-create")) {
    throw usageError(
      "--mix: with more of pod-delete than of pod-create no pod would be left; give them one weight",
    );
  }
  return mix;
}

function conflictRateOf(flags: PlanFlags): number {
  const text = textOf(flags, "conflict-rate");
  const rate = readFraction(text);
  if (rate !== null) return rate;
  const expected = "a share from 0 to 1 or from 0% to 100%";
  throw badValue("--conflict-rate", text, expected, DEFAULTS["conflict-rate"]);
}

function relistClientsOf(
  flags: PlanFlags,
  scenario: KubernetesScenario,
  clients: number,
  note: (line: string) => void,
): number {
  if (scenario !== "relist") {
    if (flags.relists !== undefined) note("--relists has no effect without --scenario=relist");
    return 0;
  }
  const relists = countOf(flags, "relists", MAX_PODS);
  if (relists < clients) return relists;
  throw usageError(
    `--relists=${relists} takes a client each, and some must be left to write: give --clients=` +
      `${relists * 2} or fewer relists`,
  );
}

function ttlOf(flags: PlanFlags, scenario: KubernetesScenario): number {
  const usual = scenario === "events" ? SHORT_TTL : KUBERNETES_DEFAULTS.eventTtl;
  const text = flags["event-ttl"] ?? usual;
  const bounds = { min: 1000, max: MAX_TTL_SECONDS * 1000, example: usual };
  const seconds = parseDurationMs("--event-ttl", text, bounds) / 1000;
  if (Number.isInteger(seconds)) return seconds;
  throw badValue(
    "--event-ttl",
    text,
    "a duration of whole seconds, as leases have",
    bounds.example,
  );
}

function intervalOf(flags: PlanFlags): number {
  const usual = KUBERNETES_DEFAULTS.compactInterval;
  const text = flags["compact-interval"] ?? usual;
  const bounds = { min: 100, max: MAX_INTERVAL_MS, example: usual };
  return parseDurationMs("--compact-interval", text, bounds);
}
