/** What the objects of a placement have in common: names, labels, and how pods are kept from doing harm. */

import type { IStatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { ISecret } from "kubernetes-models/v1/Secret";
import type { IService } from "kubernetes-models/v1/Service";
import type { IVolume } from "kubernetes-models/v1/Volume";
import type { KubernetesPlan } from "./engine.ts";

export type KubernetesObject = IJob | INetworkPolicy | ISecret | IService | IStatefulSet;

/** Of the pods and what belongs to them. */
export type Component = "agent" | "coordination";

/** In a pod, where the join file is mounted. */
export const JOIN_FOLDER = "/etc/bench/join";
export const JOIN_FILE = "join.json";
/** As the image has it; any number but 0 would do. */
const USER_ID = 65_532;

/** By which `down` finds all that `up` made, and nothing else. */
export function ownLabels({ base }: Pick<KubernetesPlan, "base">): Record<string, string> {
  return {
    "app.kubernetes.io/name": "etcd-bench-agents",
    "app.kubernetes.io/instance": base,
    "app.kubernetes.io/managed-by": "etcd-bench",
  };
}

export function componentLabels(
  plan: Pick<KubernetesPlan, "base">,
  component: Component,
): Record<string, string> {
  return { ...ownLabels(plan), "app.kubernetes.io/component": component };
}

export function metadataOf(
  plan: Pick<KubernetesPlan, "base" | "namespace">,
  name: string,
  component: Component,
): NonNullable<IJob["metadata"]> {
  return {
    name,
    ...(plan.namespace === null ? {} : { namespace: plan.namespace }),
    labels: componentLabels(plan, component),
  };
}

/** No root, no token of the cluster, and files that its group alone reads. */
export const SAFE_POD = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: USER_ID,
    runAsGroup: USER_ID,
    fsGroup: USER_ID,
    seccompProfile: { type: "RuntimeDefault" },
  },
} satisfies Partial<IPodSpec>;

export const SAFE_CONTAINER = {
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
} satisfies Partial<IContainer>;

/** Files of a Secret; the group's because the user that reads them is not root, to whom they belong. */
export function secretVolume(name: string, secretName: string, keys: readonly string[]): IVolume {
  const items = keys.map((key) => ({ key, path: key }));
  return { name, secret: { secretName, items, defaultMode: 0o440 } };
}

export function secretData(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
  );
}
