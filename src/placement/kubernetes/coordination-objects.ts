/**
 * The objects of a coordination etcd in the cluster: one member with TLS, whose pod has a second container to
 * run `bench put --agents` in, next to the etcd and the agents.
 */
import type { INetworkPolicyIngressRule } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicyIngressRule";
import type { IContainer } from "kubernetes-models/v1/Container";
import { JOIN_FILE_VERSION, type JoinFile, newGroupSecret } from "../../agents/join-file.ts";
import { CertificateAuthority } from "../../etcd/local-cluster/certificates.ts";
import { secretName } from "./agent-objects.ts";
import type { KubernetesPlan } from "./engine.ts";
import {
  componentLabels,
  JOIN_FILE,
  JOIN_FOLDER,
  type KubernetesObject,
  metadataOf,
  ownLabels,
  SAFE_CONTAINER,
  SAFE_POD,
  secretData,
  secretVolume,
} from "./objects.ts";

const CLIENT_PORT = 2379;
const PEER_URL = "http://127.0.0.1:2380";
/** Without TLS, for the kubelet alone. */
const HEALTH_PORT = 2381;
const TLS_FOLDER = "/etc/bench/tls";
const DATA_FOLDER = "/var/lib/etcd";
/** In the Secret, the join file for the machine that is outside of the cluster. */
export const OUTSIDE_FILE = "outside.json";
const DAY_MS = 86_400_000;
const VALID_FOR_MS = 90 * DAY_MS;
/** Where nothing else is said, kubectl port-forward. */
const FORWARDED = `127.0.0.1:${CLIENT_PORT}`;
/** Its data and its own needs share the memory limit of its container. */
const QUOTA_BYTES = 2 ** 30;
const MEMORY_LIMIT = "2Gi";
/** It does nothing until a run is started in it. */
const IDLE = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 2 ** 30)";

/** PEM texts of the server, and how to join from inside and from outside of the cluster. */
export interface CoordinationSecrets {
  ca: string;
  cert: string;
  key: string;
  inside: JoinFile;
  outside: JoinFile;
}

/** The headless Service, whose name is the address of the etcd in its namespace, and the StatefulSet. */
export function etcdName({ base }: Pick<KubernetesPlan, "base">): string {
  return `${base}-etcd`;
}

/** The pod's only name, since the StatefulSet has one replica. */
export function etcdPod(plan: Pick<KubernetesPlan, "base">): string {
  return `${etcdName(plan)}-0`;
}

export async function newCoordinationSecrets(
  plan: KubernetesPlan,
  group: string,
): Promise<CoordinationSecrets> {
  const host = etcdName(plan);
  const authority = await CertificateAuthority.create("etcd-bench authority", VALID_FOR_MS);
  const [server, client] = await Promise.all([
    authority.issue({ commonName: "etcd", hosts: [host], validForMs: VALID_FOR_MS }),
    authority.issue({ commonName: null, validForMs: VALID_FOR_MS }),
  ]);
  const join = (endpoint: string): JoinFile => ({
    ...{ version: JOIN_FILE_VERSION, endpoints: [endpoint], group, secret },
    tls: { ca: authority.cert, cert: client.cert, key: client.key, serverName: host },
    user: null,
  });
  const secret = newGroupSecret();
  return {
    ...{ ca: authority.cert, cert: server.cert, key: server.key },
    inside: join(`${host}:${CLIENT_PORT}`),
    outside: join(plan.address ?? FORWARDED),
  };
}

export function coordinationObjects(
  plan: KubernetesPlan,
  secrets: CoordinationSecrets,
): KubernetesObject[] {
  const { ca, cert, key, inside, outside } = secrets;
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: metadataOf(plan, secretName(plan), "coordination"),
      type: "Opaque",
      immutable: true,
      data: secretData({
        ...{ "ca.pem": ca, "server.pem": cert, "server-key.pem": key },
        [JOIN_FILE]: JSON.stringify(inside),
        [OUTSIDE_FILE]: JSON.stringify(outside),
      }),
    },
    serviceOf(plan, etcdName(plan), { clusterIP: "None" }),
    ...exposingService(plan),
    policyOf(plan),
    statefulSetOf(plan),
  ];
}

function serviceOf(
  plan: KubernetesPlan,
  name: string,
  kind: { clusterIP: "None" } | { type: "NodePort" | "LoadBalancer" },
): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(plan, name, "coordination"),
    spec: {
      ...kind,
      selector: componentLabels(plan, "coordination"),
      ports: [{ name: "client", port: CLIENT_PORT, targetPort: "client", protocol: "TCP" }],
    },
  };
}

function exposingService(plan: KubernetesPlan): KubernetesObject[] {
  if (plan.expose === null) return [];
  const type = plan.expose === "node-port" ? "NodePort" : "LoadBalancer";
  return [serviceOf(plan, `${plan.base}-outside`, { type })];
}

/** Agents reach etcd, and others where it is exposed; its certificate for clients keeps strangers out. */
function policyOf(plan: KubernetesPlan): KubernetesObject {
  const ports: INetworkPolicyIngressRule["ports"] = [{ port: CLIENT_PORT, protocol: "TCP" }];
  const from: INetworkPolicyIngressRule["from"] = [
    { podSelector: { matchLabels: ownLabels(plan) } },
  ];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf(plan, etcdName(plan), "coordination"),
    spec: {
      podSelector: { matchLabels: componentLabels(plan, "coordination") },
      policyTypes: ["Ingress"],
      ingress: [plan.expose === null ? { from, ports } : { ports }],
    },
  };
}

function statefulSetOf(plan: KubernetesPlan): KubernetesObject {
  const name = etcdName(plan);
  const labels = componentLabels(plan, "coordination");
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: metadataOf(plan, name, "coordination"),
    spec: {
      serviceName: name,
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...SAFE_POD,
          containers: [etcdContainer(plan), consoleContainer(plan)],
          volumes: [
            secretVolume("tls", secretName(plan), ["ca.pem", "server.pem", "server-key.pem"]),
            secretVolume("join", secretName(plan), [JOIN_FILE]),
            // What it has need not outlast the pod, and a disk would delay each message.
            { name: "data", emptyDir: { medium: "Memory" } },
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
    },
  };
}

function etcdContainer(plan: KubernetesPlan): IContainer {
  return {
    ...SAFE_CONTAINER,
    name: "etcd",
    image: plan.etcdImage,
    command: ["etcd"],
    args: [
      "--name=coordination",
      `--data-dir=${DATA_FOLDER}/data`,
      `--listen-client-urls=https://0.0.0.0:${CLIENT_PORT}`,
      `--advertise-client-urls=https://${etcdName(plan)}:${CLIENT_PORT}`,
      `--listen-peer-urls=${PEER_URL}`,
      `--initial-advertise-peer-urls=${PEER_URL}`,
      `--initial-cluster=coordination=${PEER_URL}`,
      `--cert-file=${TLS_FOLDER}/server.pem`,
      `--key-file=${TLS_FOLDER}/server-key.pem`,
      `--trusted-ca-file=${TLS_FOLDER}/ca.pem`,
      "--client-cert-auth",
      `--quota-backend-bytes=${QUOTA_BYTES}`,
      `--listen-metrics-urls=http://0.0.0.0:${HEALTH_PORT}`,
    ],
    ports: [{ name: "client", containerPort: CLIENT_PORT }],
    readinessProbe: { httpGet: { path: "/health", port: HEALTH_PORT }, periodSeconds: 2 },
    resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: MEMORY_LIMIT } },
    volumeMounts: [
      { name: "tls", mountPath: TLS_FOLDER, readOnly: true },
      { name: "data", mountPath: DATA_FOLDER },
    ],
  };
}

/** As large as an agent: it merges what they report, and judges the run. */
function consoleContainer({ image, memoryLimit }: KubernetesPlan): IContainer {
  return {
    ...SAFE_CONTAINER,
    name: "console",
    image,
    command: ["node", "-e", IDLE],
    workingDir: "/tmp",
    env: [{ name: "HOME", value: "/tmp" }],
    resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { memory: memoryLimit } },
    volumeMounts: [
      { name: "join", mountPath: JOIN_FOLDER, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
