/** `bench kubernetes`: what the API server of a cluster sends to etcd. */

import { flagError } from "../../errors.ts";
import { COMPACTION } from "../../events/compaction.ts";
import { type Flag, type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import {
  choice,
  count,
  duration,
  optional,
  parsed,
  share,
  size,
  wholeSeconds,
} from "../../flags/vocabulary.ts";
import type { PlanContext } from "../../plan/plannable.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { formatBytes } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { formatDuration } from "../../units.ts";
import { defineWorkload } from "../definition.ts";
import { CLEANUP, namePrefix } from "../parts/flags/key-space.ts";
import { formatWeights, parseWeights } from "../parts/flags/weights.ts";
import { MIX_SETTING } from "../parts/settings.ts";
import { WATCH_CREATE } from "../parts/watching/series.ts";
import { CALIBRATED } from "./calibrated.ts";
import { exactPercent } from "./exact-percent.ts";
import { KUBERNETES_KINDS, KUBERNETES_SCENARIOS, type KubernetesScenario } from "./kinds.ts";
import { describeNodes } from "./nodes-of-rate.ts";
import { kubernetesWrites } from "./planned-writes.ts";
import {
  CONTENDED_KINDS,
  eventLeaseSeconds,
  type KubernetesWorkload,
  mixOfCluster,
} from "./request-mix.ts";
import { kubernetesSchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

const CLIENTS = "50";
/** Fewer with --scenario=relist, so that each lister soon comes round again. */
const RELIST_CLIENTS = "10";
const DURATION = "60s";
const PODS_PER_NODE = 30;
const PODS_PER_NAMESPACE = 100;
const PODS_PER_SERVICE = 20;
/** So that there is always one that no client uses, though some come and go. */
const PODS_PER_CLIENT = 2;
const MAX_NODES = 100_000;
const MAX_PODS = 10_000_000;
/** As many digits as their keys have. */
const MAX_NAMESPACES = 99_999;
const MAX_POD_BYTES = 1_000_000;
/** Each value begins with the mark by which an event of a watch is known again. */
const MIN_POD_BYTES = 64;
const MAX_TTL_SECONDS = 1_000_000;
const MAX_INTERVAL_MS = 500 * 3_600_000;
const EVENT_TTL_SECONDS = 3_600;
/** Of events in the scenario that waits for their end. */
const SHORT_EVENT_TTL_SECONDS = 4;
const MAX_LEASE_REUSE_MS = 60_000;
/** Above a lease's time to live: etcd looks for expired ones twice a second. */
const EXPIRY_ROOM_MS = 5_000;
const STORM_WATCHERS = 4;

const CLUSTER_FLAGS = {
  scenario: choice(
    {
      ...workload,
      name: "scenario",
      default: "steady",
      describe:
        "steady|job-storm|relist|events: a cluster at rest; pods that come, are updated twice and go; " +
        "full lists next to writes; events until their leases expire",
    },
    KUBERNETES_SCENARIOS,
  ),
  nodes: count({
    ...workload,
    name: "nodes",
    default: "100",
    max: MAX_NODES,
    describe: "number of nodes, each with a lease that is renewed every 10 s",
  }),
  pods: optional(
    count({
      ...workload,
      name: "pods",
      max: MAX_PODS,
      describe:
        "number of pods to put before the clock starts, with a namespace for each 100 and a service for each 20",
    }),
    { shownDefault: "30 a node" },
  ),
};

const MIX: Flag<KubernetesWorkload["mix"] | null> = parsed(
  {
    ...workload,
    name: "mix",
    shownDefault: "by nodes and pods",
    describe:
      "weights of requests in place of --scenario, e.g. pod-update=9,pod-get=1; each is a series",
  },
  {
    parse: (flag, text) => parseWeights(flag, text, KUBERNETES_KINDS, "pod-update=9,pod-get=1"),
    format: formatWeights,
  },
);

const CONFLICT_RATE = share({
  ...workload,
  name: "conflict-rate",
  default: "5%",
  describe:
    "share of updates and deletes of nodes, pods and endpoints that are sent with an old revision first",
});

const RELISTS = count({
  ...workload,
  name: "relists",
  default: "4",
  max: MAX_PODS,
  describe:
    "with --scenario=relist: number of clients that list all pods repeatedly, in pages of 10,000",
});

const FLAGS = {
  ...CLUSTER_FLAGS,
  podSizeBytes: size({
    ...workload,
    name: "pod-size",
    default: "15kB",
    min: MIN_POD_BYTES,
    max: MAX_POD_BYTES,
    describe: "mean bytes of a pod; sizes are from two thirds to four thirds of it",
  }),
  conflictRate: CONFLICT_RATE,
  mix: MIX,
  relists: RELISTS,
  eventTtlSeconds: optional(
    wholeSeconds({
      ...workload,
      name: "event-ttl",
      max: MAX_TTL_SECONDS * 1000,
      example: "1h",
      describe: "time to live of events; 4s with --scenario=events",
    }),
    { shownDefault: "1h" },
  ),
  compactIntervalMs: duration({
    ...workload,
    name: "compact-interval",
    scales: "part",
    default: "5m",
    min: 100,
    max: MAX_INTERVAL_MS,
    describe: "time between the API server's compactions, each to the revision of one interval ago",
  }),
  prefix: namePrefix(
    "kubernetes",
    "/bench",
    "prepend TEXT to /registry/ in every key; keys that an earlier run left there are deleted first",
  ),
  cleanup: CLEANUP,
};

type Flags = Read<typeof FLAGS>;

export const kubernetes = defineWorkload({
  name: "kubernetes",
  summary: "Measure the requests of a Kubernetes API server, with its watches, by size of cluster",
  examples: [
    [
      "kubernetes --local --nodes=50 --duration=10s",
      "50 nodes and 1,500 pods at rest: leases, status updates, lists, events",
    ],
    [
      "kubernetes --local --scenario=job-storm --nodes=50 --duration=10s --conflict-rate=20%",
      "25 jobs a second, four watches of each resource, a conflict in every fifth update",
    ],
    [
      "kubernetes --local --scenario=events --nodes=50 --duration=5s",
      "events on shared leases, and their expiry",
    ],
  ],
  flags: FLAGS,
  loadWords: {
    clients: { default: CLIENTS, shownDefault: `${CLIENTS}, with relist ${RELIST_CLIENTS}` },
    durationMs: { shownDefault: DURATION },
    ratePerSec: { shownDefault: "by nodes and pods" },
  },
  schema: kubernetesSchema,
  calibrated: CALIBRATED,
  writes: true,
  usesAllConnections: true,
  // The compactions are the API server's own.
  ownEvents: [COMPACTION],
  fill(given) {
    const { scenario, nodes, pods } = clusterOf(readFlags(CLUSTER_FLAGS, given));
    const mix = mixOfCluster(scenario, nodes, pods);
    const perSec = mix.reduce((sum, { weight }) => sum + weight, 0);
    const ends = [given.total, given.duration, given["find-max"]];
    const isOpen = ends.every((each) => each === undefined);
    return {
      ...(scenario === "relist" ? { clients: RELIST_CLIENTS } : {}),
      rate: String(Math.max(1, Math.round(perSec * 10) / 10)),
      ...(isOpen ? { duration: DURATION } : {}),
      ...given,
    };
  },
  plan(flags, { given, load, note }): KubernetesWorkload {
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
    assertTimeToExpire(plan, load);
    const isContended = plan.mix.some(({ operation }) => CONTENDED_KINDS.includes(operation));
    if (given[CONFLICT_RATE.name] !== undefined && conflictRate > 0 && !isContended) {
      note(
        `--conflict-rate has no effect: the requests hold none of ${CONTENDED_KINDS.join(", ")}`,
      );
    }
    return plan;
  },
  seriesRole(series) {
    if (series === "kubernetes") return "requests";
    return series === WATCH_CREATE ? "further-requests" : "detail";
  },
  settings: [MIX_SETTING],
  describe(plan) {
    const { scenario, nodes, pods, podSizeBytes, conflictRate, relistClients } = plan;
    return [
      `kubernetes ${scenario}, ${formatNoun(nodes, "node")}`,
      `${formatNoun(pods, "pod")} of about ${formatBytes(podSizeBytes)}`,
      ...(relistClients > 0 ? [`${formatNoun(relistClients, "client")} listing all pods`] : []),
      ...(scenario === "events" ? [] : [`${exactPercent(conflictRate)} conflicts`]),
    ].join(", ");
  },
  describeRate: describeNodes,
  plannedWrites: (plan, requests, ratePerSec) => ({
    ...kubernetesWrites(plan, requests, ratePerSec),
    sizeFlags: "--pods or --pod-size",
  }),
  preparation: () => import("./prepare.ts"),
  /** The mix follows from the cluster's size where it is not named; naming it says the same. */
  commandLine(plan) {
    const { scenario, mix, relistClients } = plan;
    const isOwnMix = scenario === "job-storm" || scenario === "events";
    return {
      flags: {
        scenario,
        nodes: plan.nodes,
        pods: plan.pods,
        podSizeBytes: plan.podSizeBytes,
        mix: isOwnMix ? null : mix,
        conflictRate: plan.conflictRate,
        ...(scenario === "relist" ? { relists: relistClients } : {}),
        eventTtlSeconds: plan.eventTtlSeconds,
        compactIntervalMs: plan.compactIntervalMs,
        prefix: plan.prefix,
      },
    };
  },
});

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

function assertTimeToExpire(plan: KubernetesWorkload, { timeoutMs }: RunPlan["load"]): void {
  const neededMs = eventLeaseSeconds(plan) * 1000 + EXPIRY_ROOM_MS;
  if (plan.scenario !== "events" || timeoutMs >= neededMs) return;
  throw flagError(
    "scenario",
    `--scenario=events waits until the last events have expired, which --timeout=` +
      `${formatDuration(timeoutMs)} is too short for: give --timeout=${formatDuration(neededMs)} ` +
      "or more, or a shorter --event-ttl",
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
