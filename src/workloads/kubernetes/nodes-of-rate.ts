/** Says what a rate amounts to in nodes: how large a cluster sends so many requests. */

import { formatNoun } from "../../text/noun.ts";
import { mixOfCluster } from "./request-mix.ts";
import type { KubernetesWorkload } from "./schema.ts";

/** Of the weights of a mix that the command line has written out. */
const SAME = 1e-6;

/**
 * Nodes of which each has as many pods as in the plan, all objects growing with them; null where the
 * mix is not that of a cluster.
 */
export function nodesOfRate(plan: KubernetesWorkload, ratePerSec: number): number | null {
  const { scenario, nodes, pods, mix } = plan;
  const usual = mixOfCluster(scenario, nodes, pods);
  const isUsual = usual.every(({ operation, weight }) => {
    const given = mix.find((each) => each.operation === operation);
    return given !== undefined && Math.abs(given.weight - weight) <= SAME * weight;
  });
  if (!isUsual || mix.length !== usual.length) return null;
  // Some requests come whatever the size of the cluster is.
  const fixed = perSec(mixOfCluster(scenario, 0, 0));
  const found = (nodes * (ratePerSec - fixed)) / (perSec(usual) - fixed);
  return found < 1 ? null : found;
}

/** `the requests of about 3,200 nodes with 96,000 pods`, in two digits. */
export function describeNodes(plan: KubernetesWorkload, ratePerSec: number): string | null {
  const found = nodesOfRate(plan, ratePerSec);
  if (found === null) return null;
  const rounded = (value: number) => Number(Math.round(value).toPrecision(2));
  const pods = rounded((found * plan.pods) / plan.nodes);
  const measured = `${formatNoun(plan.nodes, "node")} with ${formatNoun(plan.pods, "pod")}`;
  return (
    `the requests of about ${formatNoun(rounded(found), "node")} with ${formatNoun(pods, "pod")}; ` +
    `etcd held the objects of ${measured}`
  );
}

function perSec(mix: KubernetesWorkload["mix"]): number {
  return mix.reduce((sum, { weight }) => sum + weight, 0);
}
