/** Places agents in a Kubernetes cluster: the pods of an Indexed Job, with a coordination etcd next to them. */
import { flagError } from "../../errors.ts";
import { choice, count, parsed, repeated, text, toggle } from "../../flags/vocabulary.ts";
import type { PlacementEngine } from "../engine.ts";
import { baseName, checkCpu, checkImage, checkMemory, checkNamespace, readLabel } from "./names.ts";

const agents = { group: "Agents:" } as const;

/** Far above what a cluster has room for. */
const MAX_REPLICAS = 10_000;
const ADDRESS = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):\d{1,5}$/;

/** A text that a rule of Kubernetes reads. */
function checked(check: (flag: string, text: string) => string) {
  return { isText: true, parse: check, format: (value: string) => value };
}

export const KUBERNETES_FLAGS = {
  kubernetes: toggle({
    ...agents,
    name: "kubernetes",
    describe: "an agent in each pod of a Job; needs --image, and --apply or -o yaml",
  }),
  isApplied: toggle({
    ...agents,
    name: "apply",
    describe: "with --kubernetes: have kubectl create the objects",
  }),
  output: choice(
    {
      ...agents,
      name: "output",
      short: "o",
      sectionOnly: true,
      describe:
        "with --kubernetes: yaml prints the manifest, secrets included, and does nothing else",
    },
    ["yaml"],
  ),
  image: parsed(
    {
      ...agents,
      name: "image",
      describe: "with --kubernetes: IMAGE of bench, as the Containerfile makes it",
    },
    checked(checkImage),
  ),
  etcdImage: parsed(
    {
      ...agents,
      name: "etcd-image",
      shownDefault: "that of --image",
      describe: "with --kubernetes: IMAGE with etcd on its PATH, for the coordination etcd",
    },
    checked(checkImage),
  ),
  replicas: count({
    ...agents,
    name: "replicas",
    default: "2",
    max: MAX_REPLICAS,
    describe: "with --kubernetes: number of agents",
  }),
  namespace: parsed(
    {
      ...agents,
      name: "namespace",
      shownDefault: "that of kubectl's context",
      describe: "with --kubernetes: NAMESPACE of all objects; it has to exist",
    },
    checked(checkNamespace),
  ),
  nodeSelector: repeated<readonly [string, string]>(
    {
      ...agents,
      name: "node-selector",
      describe: "with --kubernetes: KEY=VALUE, a label of the nodes for agents; may be repeated",
    },
    { isText: true, parse: readLabel, format: ([key, value]) => `${key}=${value}` },
  ),
  cpu: parsed(
    {
      ...agents,
      name: "cpu",
      default: "1",
      describe: "with --kubernetes: CPU that each agent requests",
    },
    checked(checkCpu),
  ),
  cpuLimit: parsed(
    {
      ...agents,
      name: "cpu-limit",
      shownDefault: "none, since a limit pauses what reaches it",
      describe: "with --kubernetes: most CPU of each agent",
    },
    checked(checkCpu),
  ),
  memory: parsed(
    {
      ...agents,
      name: "memory",
      default: "1Gi",
      describe: "with --kubernetes: memory that each agent requests",
    },
    checked(checkMemory),
  ),
  memoryLimit: parsed(
    {
      ...agents,
      name: "memory-limit",
      shownDefault: "that of --memory",
      describe: "with --kubernetes: most memory of each agent",
    },
    checked(checkMemory),
  ),
  expose: choice(
    {
      ...agents,
      name: "expose",
      describe:
        "with --kubernetes: node-port or load-balancer, a Service by which the coordination etcd is reached from outside",
    },
    ["node-port", "load-balancer"],
  ),
  address: text({
    ...agents,
    name: "coordination-address",
    describe:
      "with --kubernetes: HOST:PORT by which this machine reaches the coordination etcd in the cluster",
  }),
  kubectl: text({
    ...agents,
    name: "kubectl",
    default: "kubectl",
    describe: "with --kubernetes: PATH of kubectl",
  }),
  context: text({
    ...agents,
    name: "context",
    shownDefault: "the current one",
    describe: "with --kubernetes: CONTEXT of kubectl's configuration",
  }),
};

export interface KubernetesPlan {
  /** All names of objects begin with it. */
  readonly base: string;
  readonly replicas: number;
  readonly image: string;
  readonly etcdImage: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly cpu: string;
  readonly cpuLimit: string | null;
  readonly memory: string;
  readonly memoryLimit: string;
  readonly expose: "node-port" | "load-balancer" | null;
  /** By which this machine reaches the coordination etcd; null: it does not. */
  readonly address: string | null;
  /** The manifest is printed, and nothing is started. */
  readonly isPrinted: boolean;
  readonly kubectl: string;
  /** Null: that of kubectl, which is written down before anything is created. */
  readonly context: string | null;
  readonly namespace: string | null;
}

export const kubernetesEngine: PlacementEngine<typeof KUBERNETES_FLAGS, KubernetesPlan> = {
  name: "kubernetes",
  flags: KUBERNETES_FLAGS,
  plan(flags, { name, id }) {
    const { isApplied, output, image, address, nodeSelector } = flags;
    if (isApplied === (output !== null)) {
      throw flagError(
        "apply",
        isApplied
          ? "--apply and --output=yaml exclude each other: give one of them"
          : "--kubernetes: give --apply to have kubectl create the objects, or -o yaml to print them",
      );
    }
    if (image === null) {
      throw flagError(
        "image",
        "--image is missing: build the image of the Containerfile, push it to where the cluster finds it, and give its name",
      );
    }
    if (address !== null && !ADDRESS.test(address)) {
      throw flagError(
        "coordination-address",
        `--coordination-address=${address}: it is no HOST:PORT; give one such as 127.0.0.1:2379`,
      );
    }
    const { replicas, cpu, cpuLimit, memory, expose, kubectl, context, namespace } = flags;
    return {
      ...{ base: baseName(name, id), replicas, image, etcdImage: flags.etcdImage ?? image },
      nodeSelector: Object.fromEntries(nodeSelector),
      ...{ cpu, cpuLimit, memory, memoryLimit: flags.memoryLimit ?? memory },
      ...{ expose, address, isPrinted: !isApplied, kubectl, context, namespace },
    };
  },
  async actions() {
    return (await import("./actions.ts")).kubernetesActions;
  },
};
