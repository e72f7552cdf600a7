/**
 * Defines the kinds of requests that an API server sends, and how often it sends each by the number of
 * nodes and pods. Workers load it, so it imports no schema.
 */
import { watchedSeries } from "../parts/watching/series.ts";
import type { KubernetesKind, KubernetesScenario } from "./kinds.ts";
import type { KubernetesWorkload } from "./schema.ts";

export type { KubernetesWorkload } from "./schema.ts";

/** Written by several components of a cluster, so that one may hold an older revision. */
export const CONTENDED_KINDS: readonly KubernetesKind[] = [
  "node-update",
  "pod-update",
  "pod-delete",
  "endpoints-update",
];

/** What is watched, listed and counted; each is a folder of keys. */
export const KUBERNETES_RESOURCES = [
  "namespaces",
  "nodes",
  "leases",
  "services",
  "endpoints",
  "pods",
  "events",
] as const;

/** The objects in etcd of each but pods, in round numbers. */
export const KUBERNETES_OBJECT_BYTES: Readonly<
  Record<Exclude<(typeof KUBERNETES_RESOURCES)[number], "pods">, number>
> = {
  namespaces: 400,
  nodes: 8_000,
  leases: 400,
  services: 1_000,
  endpoints: 1_000,
  events: 800,
};

export type KubernetesResource = (typeof KUBERNETES_RESOURCES)[number];

type Mix = KubernetesWorkload["mix"];

/** The whole, the delays of events, then each kind of the mix and what the scenario adds to it. */
export function kubernetesSeries({ scenario, mix }: KubernetesWorkload): string[] {
  return [
    ...watchedSeries("kubernetes"),
    ...mix.map(({ operation }) => operation),
    ...(scenario === "job-storm" ? ["job"] : []),
    ...(scenario === "relist" ? ["pod-relist"] : []),
    ...(mix.some(({ operation }) => operation === "event-create") ? ["event-lease-grant"] : []),
    ...(scenario === "events" ? ["event-expiry"] : []),
    "compact",
  ];
}

/** Objects that are there before the clock starts, of all workers. */
export function objectsOf(name: KubernetesResource, plan: KubernetesWorkload): number {
  switch (name) {
    case "namespaces":
      return plan.namespaces;
    case "nodes":
    case "leases":
      return plan.nodes;
    case "services":
    case "endpoints":
      return plan.services;
    case "pods":
      return plan.pods;
    case "events":
      return 0;
  }
}

/** The whole seconds that a lease of events lives, so that each of them has its full time. */
export function eventLeaseSeconds({ eventTtlSeconds, leaseReuseMs }: KubernetesWorkload): number {
  return eventTtlSeconds + Math.ceil(leaseReuseMs / 1000);
}

/** Requests per second of each kind in a cluster of this size: the weights of the mix. */
export function mixOfCluster(scenario: KubernetesScenario, nodes: number, pods: number): Mix {
  switch (scenario) {
    case "steady":
      return [...writes(nodes, pods), ...reads(pods)];
    case "relist":
      return writes(nodes, pods);
    case "job-storm":
      // A job of four requests for each node every two seconds.
      return mixOf({
        "pod-create": nodes / 2,
        "pod-update": nodes,
        "pod-delete": nodes / 2,
      });
    case "events":
      return mixOf({ "event-create": nodes * 2 });
  }
}

/** A node renews its lease every 10 s and reports its status every 5 min. */
function writes(nodes: number, pods: number): Mix {
  // Each pod's object is written about once a minute: 90% updates, 5% creations, 5% deletions.
  const podWrites = pods / 60;
  const coming = podWrites * 0.05;
  const going = podWrites * 0.05;
  return mixOf({
    "lease-update": nodes / 10,
    "node-update": nodes / 300,
    "pod-update": podWrites * 0.9,
    "pod-create": coming,
    "pod-delete": going,
    // Its service learns of each pod that comes or goes.
    "endpoints-update": coming + going,
    // Scheduled, pulled, created, started; and killed.
    "event-create": 4 * coming + going,
  });
}

function reads(pods: number): Mix {
  const podReads = pods / 600;
  return mixOf({
    "pod-list": podReads * 0.8,
    "pod-list-stale": podReads * 0.05,
    "pod-get": podReads * 0.05,
    "pod-get-at-revision": podReads * 0.08,
    "pod-get-stale": podReads * 0.02,
    // Each resource once a minute.
    count: KUBERNETES_RESOURCES.length / 60,
    health: 1 / 10,
  });
}

function mixOf(perSec: Partial<Record<KubernetesKind, number>>): Mix {
  return Object.entries(perSec).map(([operation, weight]) => ({
    operation: operation as KubernetesKind,
    weight,
  }));
}
