/** Names the scenarios of an API server and the kinds of its requests. */

export const KUBERNETES_SCENARIOS = ["steady", "job-storm", "relist", "events"] as const;

/** What `mix` weighs; each is a series of the result. */
export const KUBERNETES_KINDS = [
  "lease-update",
  "node-update",
  "pod-update",
  "pod-create",
  "pod-delete",
  "endpoints-update",
  "event-create",
  "pod-list",
  "pod-list-stale",
  "pod-get",
  "pod-get-at-revision",
  "pod-get-stale",
  "count",
  "health",
] as const;

export type KubernetesScenario = (typeof KUBERNETES_SCENARIOS)[number];
export type KubernetesKind = (typeof KUBERNETES_KINDS)[number];
