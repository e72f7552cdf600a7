/** The objects of the agents: the Job, what may reach its pods, and the join file where it is not there yet. */
import type { JoinFile } from "../../agents/join-file.ts";
import type { KubernetesPlan } from "./engine.ts";
import { cpusOf } from "./names.ts";
import {
  componentLabels,
  JOIN_FILE,
  JOIN_FOLDER,
  type KubernetesObject,
  metadataOf,
  SAFE_CONTAINER,
  SAFE_POD,
  secretData,
  secretVolume,
} from "./objects.ts";

/** One that ends before the coordination etcd answers is started again, and all of them together count. */
const RESTARTS_PER_AGENT = 10;
/** For requests in flight. */
const GRACE_SECONDS = 30;

export interface AgentObjectsOptions {
  /** Null: the Secret of the coordination etcd has it. */
  join: JoinFile | null;
  /** Most threads of each agent; null: its CPU. */
  workers: number | null;
}

/** The name under which an agent joins, which is the host name of its pod. */
export function agentName({ base }: Pick<KubernetesPlan, "base">, index: number | string): string {
  return `${base}-${index}`;
}

export function secretName({ base }: Pick<KubernetesPlan, "base">): string {
  return `${base}-join`;
}

export function agentObjects(
  plan: KubernetesPlan,
  { join, workers }: AgentObjectsOptions,
): KubernetesObject[] {
  const secret: KubernetesObject[] =
    join === null
      ? []
      : [
          {
            apiVersion: "v1",
            kind: "Secret",
            metadata: metadataOf(plan, secretName(plan), "agent"),
            type: "Opaque",
            immutable: true,
            data: secretData({ [JOIN_FILE]: JSON.stringify(join) }),
          },
        ];
  return [...secret, policyOf(plan), jobOf(plan, workers)];
}

/** Agents accept no connections. */
function policyOf(plan: KubernetesPlan): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf(plan, `${plan.base}-agents`, "agent"),
    spec: {
      podSelector: { matchLabels: componentLabels(plan, "agent") },
      policyTypes: ["Ingress"],
      ingress: [],
    },
  };
}

function jobOf(plan: KubernetesPlan, workers: number | null): KubernetesObject {
  const { base, replicas, image, nodeSelector, cpu, cpuLimit, memory, memoryLimit } = plan;
  const labels = componentLabels(plan, "agent");
  const threads = workers ?? Math.max(1, Math.floor(cpusOf(cpuLimit ?? cpu)));
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadataOf(plan, base, "agent"),
    spec: {
      completionMode: "Indexed",
      completions: replicas,
      parallelism: replicas,
      backoffLimit: replicas * RESTARTS_PER_AGENT,
      template: {
        metadata: { labels },
        spec: {
          ...SAFE_POD,
          restartPolicy: "OnFailure",
          terminationGracePeriodSeconds: GRACE_SECONDS,
          ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              // A hard rule would count nodes that take no pods, and leave agents without a node.
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [
            {
              ...SAFE_CONTAINER,
              name: "agent",
              image,
              command: ["bench", "agent"],
              args: [
                `--join=${JOIN_FOLDER}/${JOIN_FILE}`,
                // The controller of Indexed Jobs sets it, and the kubelet puts its value here.
                `--name=${agentName(plan, "$(JOB_COMPLETION_INDEX)")}`,
                `--workers=${threads}`,
              ],
              env: [{ name: "HOME", value: "/tmp" }],
              resources: {
                requests: { cpu, memory },
                limits: { memory: memoryLimit, ...(cpuLimit === null ? {} : { cpu: cpuLimit }) },
              },
              volumeMounts: [
                { name: "join", mountPath: JOIN_FOLDER, readOnly: true },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            secretVolume("join", secretName(plan), [JOIN_FILE]),
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
    },
  };
}
