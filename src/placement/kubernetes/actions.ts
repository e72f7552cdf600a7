/** Has kubectl create, show and delete the objects of a placement. */
import { setTimeout as delay } from "node:timers/promises";
import { BenchError, EXIT, flagError } from "../../errors.ts";
import { shellLine } from "../../shell-words.ts";
import type {
  EndReport,
  EngineActions,
  EngineContext,
  ManifestContext,
  SeenAgent,
  StartContext,
} from "../engine.ts";
import { agentName, agentObjects } from "./agent-objects.ts";
import {
  coordinationObjects,
  etcdName,
  etcdPod,
  newCoordinationSecrets,
} from "./coordination-objects.ts";
import type { KubernetesPlan } from "./engine.ts";
import { runKubectl } from "./kubectl.ts";
import { componentLabels, type KubernetesObject, ownLabels } from "./objects.ts";
import { type Pod, podsByIndex, type SeenPod, seePod } from "./pods.ts";

const KINDS = "job,statefulset,service,networkpolicy,secret";
const POLL_MS = 1_000;
/** For the image to be there and etcd to answer. */
const ETCD_WITHIN_MS = 180_000;
const LOG_LINES = 5;
/** Each costs a call of kubectl. */
const MAX_LOGS = 8;

export const kubernetesActions: EngineActions<KubernetesPlan> = {
  agents(plan) {
    return Array.from({ length: plan.replicas }, (_, index) => {
      const name = agentName(plan, index);
      return { name, where: `pod ${name}` };
    });
  },

  async manifest(plan, { group, join, workers }: ManifestContext) {
    if (!plan.isPrinted) return null;
    if (join !== null) refuseForOtherEtcd(plan);
    const objects =
      join === null
        ? [
            ...coordinationObjects(plan, await newCoordinationSecrets(plan, group)),
            ...agentObjects(plan, { join: null, workers }),
          ]
        : agentObjects(plan, { join, workers });
    return await yamlOf(objects);
  },

  async coordination(given, context) {
    const { group, say, signal } = context;
    const plan = await settled(given, context);
    const secrets = await newCoordinationSecrets(plan, group);
    await create(plan, coordinationObjects(plan, secrets), signal);
    await awaitEtcd(plan, signal);
    for (const line of wayOut(plan)) say(line);
    return secrets.outside;
  },

  isReachable: ({ address }) => address !== null,

  async start(given, context) {
    const { join, hasEngineEtcd, workers, signal } = context;
    if (!hasEngineEtcd) refuseForOtherEtcd(given);
    const plan = await settled(given, context);
    await create(plan, agentObjects(plan, { join: hasEngineEtcd ? null : join, workers }), signal);
  },

  async look(plan, { signal }: EngineContext) {
    const names = Array.from({ length: plan.replicas }, (_, index) => String(index));
    let pods: Map<string, Pod>;
    try {
      pods = podsByIndex(await podsOf(plan, "agent", signal));
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      const { message } = error;
      return names.map((index) => unseen(plan, index, "unknown", message));
    }
    let logs = 0;
    return await Promise.all(
      names.map(async (index): Promise<SeenAgent> => {
        const pod = pods.get(index);
        if (pod === undefined) return unseen(plan, index, "waiting", "it has no pod yet");
        const { state, detail, node, pod: podName, hasRestarted } = seePod(pod);
        const isLogOfUse = (state === "ended" || hasRestarted) && logs < MAX_LOGS;
        if (isLogOfUse) logs += 1;
        return {
          ...{ name: agentName(plan, index), state, detail },
          where: node === null ? `pod ${podName}` : `pod ${podName} on ${node}`,
          logEnd: isLogOfUse ? await logEndOf(plan, podName, signal) : "",
        };
      }),
    );
  },

  async end(plan, { signal }): Promise<EndReport<KubernetesPlan>> {
    // Nothing is created before it is known where.
    if (plan.namespace === null) return { left: null, failures: [] };
    try {
      await runKubectl(
        plan,
        [
          ...["delete", KINDS, `--selector=${selectorOf(ownLabels(plan))}`],
          ...["--ignore-not-found", "--cascade=foreground", "--timeout=90s"],
        ],
        { signal },
      );
      return { left: null, failures: [] };
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      return { left: plan, failures: [error.message] };
    }
  },
};

/** @throws BenchError (usage) for a flag of the etcd in the cluster, where there is none */
function refuseForOtherEtcd({ expose, address, image, etcdImage }: KubernetesPlan): void {
  const given = {
    expose: expose !== null,
    "coordination-address": address !== null,
    "etcd-image": etcdImage !== image,
  };
  const flag = Object.entries(given).find(([, isGiven]) => isGiven)?.[0];
  if (flag === undefined) return;
  throw flagError(
    flag,
    `--${flag} is of a coordination etcd in the cluster, and another one is given; leave it out`,
  );
}

/** A line for the user's shell begins with it. */
function kubectlOf({ kubectl, context, namespace }: KubernetesPlan): string {
  const inContext = context === null ? [] : [`--context=${context}`];
  return shellLine([kubectl, ...inContext, `--namespace=${namespace}`]);
}

/** How to run a measurement, from inside and from outside. */
function wayOut(plan: KubernetesPlan): string[] {
  const inNamespace = kubectlOf(plan);
  return [
    `coordination etcd: run bench in the cluster by: ${inNamespace} exec -it ${etcdPod(plan)} -c console -- bench`,
    `coordination etcd: reach it from here by: ${inNamespace} port-forward ${etcdPod(plan)} 2379:2379`,
  ];
}

/** With the context and the namespace that kubectl takes now, written down: both may change later. */
async function settled(
  plan: KubernetesPlan,
  { signal, save }: Pick<StartContext<KubernetesPlan>, "signal" | "save">,
): Promise<KubernetesPlan> {
  if (plan.context !== null && plan.namespace !== null) return plan;
  const { kubectl } = plan;
  const ask = async (context: string | null, args: readonly string[]) =>
    (await runKubectl({ kubectl, context, namespace: null }, args, { signal })).trim();
  const context = plan.context ?? (await ask(null, ["config", "current-context"]));
  const view = ["config", "view", "--minify", "--output=jsonpath={..namespace}"];
  const namespace = plan.namespace ?? ((await ask(context, view)) || "default");
  const known = { ...plan, context, namespace };
  save(known);
  return known;
}

/** Not `apply`, which writes all of a Secret into a note on it, and takes over what is there. */
async function create(
  plan: KubernetesPlan,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<void> {
  const args = ["create", "--filename=-", "--output=name"];
  const input = objects.map((object) => JSON.stringify(object)).join("\n");
  await runKubectl(plan, args, { input, signal });
}

async function awaitEtcd(plan: KubernetesPlan, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + ETCD_WITHIN_MS;
  for (;;) {
    const [pod] = await podsOf(plan, "coordination", signal);
    const seen = pod === undefined ? null : seePod(pod);
    if (pod !== undefined && isReady(pod)) return;
    const isLate = performance.now() > untilMs;
    if (isLate || seen?.state === "ended") {
      throw new BenchError(await faultOfEtcd(plan, seen, signal), EXIT.failed);
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

async function faultOfEtcd(
  plan: KubernetesPlan,
  seen: SeenPod | null,
  signal: AbortSignal,
): Promise<string> {
  const head = `the coordination etcd, pod ${etcdPod(plan)}, is not ready`;
  if (seen === null)
    return `${head}: it has no pod; see ${kubectlOf(plan)} describe statefulset ${etcdName(plan)}`;
  const log = await logEndOf(plan, seen.pod, signal);
  return (
    `${head}: ${[seen.detail ?? seen.state, log].filter((each) => each !== "").join("; ")}; ` +
    "check --image and --etcd-image, and that the cluster has room"
  );
}

function isReady({ status }: Pod): boolean {
  return (
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false
  );
}

async function podsOf(
  plan: KubernetesPlan,
  component: "agent" | "coordination",
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const selector = selectorOf(componentLabels(plan, component));
  const args = ["get", "pods", `--selector=${selector}`, "--output=json"];
  return (JSON.parse(await runKubectl(plan, args, { signal })) as { items: Pod[] }).items;
}

/** Never rejects for a log that cannot be had: it only explains something else. */
async function logEndOf(plan: KubernetesPlan, pod: string, signal: AbortSignal): Promise<string> {
  const args = ["logs", pod, `--tail=${LOG_LINES}`, "--all-containers"];
  try {
    return (await runKubectl(plan, args, { signal })).trim();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return "";
  }
}

function unseen(
  plan: KubernetesPlan,
  index: string,
  state: "unknown" | "waiting",
  detail: string,
): SeenAgent {
  return { name: agentName(plan, index), state, detail, logEnd: "" };
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map((pair) => pair.join("="))
    .join(",");
}

const WARNING =
  "# The Secret in it lets its reader join the agents, and read their messages: keep it as you keep a password.\n";

async function yamlOf(objects: readonly KubernetesObject[]): Promise<string> {
  const { stringify } = await import("yaml");
  // Lines that are folded are hard to read, and base64 has long ones.
  const documents = objects.map((object) => stringify(object, { lineWidth: 0 }));
  return `${WARNING}${documents.join("---\n")}`;
}
