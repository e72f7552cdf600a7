/** `bench kubernetes`: what the API server of a cluster sends to etcd. */

import { COMPACTION } from "../../events/compaction.ts";
import { formatBytes } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { MIX_SETTING } from "../parts/settings.ts";
import { WATCH_CREATE } from "../parts/watching/series.ts";
import { CALIBRATED } from "./calibrated.ts";
import { exactPercent } from "./exact-percent.ts";
import { FLAGS } from "./flags.ts";
import { describeNodes } from "./nodes-of-rate.ts";
import { DURATION, filledByCluster, kubernetesPlan, RELIST_CLIENTS } from "./plan-of-flags.ts";
import { kubernetesWrites } from "./planned-writes.ts";
import { kubernetesSchema } from "./schema.ts";

const CLIENTS = "50";

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
  fill: filledByCluster,
  plan: kubernetesPlan,
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
    loweredBy: ["pods", "pod-size"],
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
