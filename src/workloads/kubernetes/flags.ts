/** Declares the flags of `bench kubernetes`. */
import type { Flag, Read } from "../../flags/flag.ts";
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
import { CLEANUP, namePrefix } from "../parts/flags/key-space.ts";
import { formatWeights, parseWeights } from "../parts/flags/weights.ts";
import { KUBERNETES_KINDS, KUBERNETES_SCENARIOS } from "./kinds.ts";
import type { KubernetesWorkload } from "./request-mix.ts";

const workload = { group: "Workload:" } as const;

const MAX_NODES = 100_000;
const MAX_PODS = 10_000_000;
const MAX_POD_BYTES = 1_000_000;
/** Each value begins with the header by which a watch event is recognized. */
const MIN_POD_BYTES = 64;
const MAX_TTL_SECONDS = 1_000_000;
const MAX_INTERVAL_MS = 500 * 3_600_000;

export const CLUSTER_FLAGS = {
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

export const MIX: Flag<KubernetesWorkload["mix"] | null> = parsed(
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

export const CONFLICT_RATE = share({
  ...workload,
  name: "conflict-rate",
  default: "5%",
  describe:
    "share of updates and deletes of nodes, pods and endpoints that are sent with an old revision first",
});

export const RELISTS = count({
  ...workload,
  name: "relists",
  default: "4",
  max: MAX_PODS,
  describe:
    "with --scenario=relist: number of clients that list all pods repeatedly, in pages of 10,000",
});

export const FLAGS = {
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

export type Flags = Read<typeof FLAGS>;
