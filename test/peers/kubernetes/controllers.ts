/** Simulates the controllers of Kubernetes: pods of Jobs and StatefulSets, status, Service names. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import { PodProcesses } from "./pod-processes.ts";
import type { StoredObject } from "./schema.ts";

export const NODE_LABELS: Readonly<Record<string, string>> = {
  "kubernetes.io/hostname": "node-1",
  pool: "load",
};
const INDEX = "batch.kubernetes.io/job-completion-index";
/** Loopback addresses start at a random one, because tests can run at the same time. */
let addresses = Math.floor(Math.random() * 2 ** 20);

export interface PodRecord {
  object: IPod;
  processes: PodProcesses | null;
  /** Name of the object that created the pod. */
  owner: string;
}

export interface ClusterOptions {
  folder: string;
  /** For each available image: programs by the first word of a command. */
  images: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  secretData(name: string): Readonly<Record<string, string>>;
}

export class Pods {
  readonly all = new Map<string, PodRecord>();
  readonly #options: ClusterOptions;
  readonly #dnsFile: string;
  readonly #selectors = new Map<string, Readonly<Record<string, string>>>();

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#dnsFile = join(options.folder, "dns.json");
    this.#writeNames();
  }

  created({ kind, metadata: { name, namespace = "" }, spec = {} }: StoredObject): void {
    if (kind === "Service") {
      this.#selectors.set(name, spec.selector as Record<string, string>);
      this.#writeNames();
    } else if (kind === "StatefulSet") {
      this.#run({ name: `${name}-0`, namespace }, name, spec.template as IPodTemplateSpec, null);
    } else if (kind === "Job") {
      for (let index = 0; index < (spec.completions as number); index += 1) {
        const pod = `${name}-${index}-${Math.random().toString(36).slice(2, 7)}`;
        const template = spec.template as IPodTemplateSpec;
        this.#run({ name: pod, namespace }, name, template, String(index));
      }
    }
  }

  async deleted({ kind, metadata: { name } }: StoredObject): Promise<void> {
    if (kind === "Service") this.#selectors.delete(name);
    const own = [...this.all].filter(([, { owner }]) => owner === name && kind !== "Service");
    await Promise.all(own.map(([, { processes }]) => processes?.end()));
    for (const [pod] of own) this.all.delete(pod);
    this.#writeNames();
  }

  async end(): Promise<void> {
    await Promise.all([...this.all.values()].map(({ processes }) => processes?.end()));
  }

  #run(
    { name, namespace }: { name: string; namespace: string },
    owner: string,
    template: IPodTemplateSpec,
    index: string | null,
  ): void {
    const spec = structuredClone(template.spec!);
    const ip = nextAddress();
    const indexed: Record<string, string> = index === null ? {} : { [INDEX]: index };
    if (index !== null) {
      for (const container of spec.containers) {
        container.env = [...(container.env ?? []), { name: "JOB_COMPLETION_INDEX", value: index }];
      }
    }
    const object: IPod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...{ name, namespace, uid: name, creationTimestamp: new Date().toISOString() },
        labels: { ...template.metadata?.labels, ...indexed },
        annotations: indexed,
      },
      spec,
      status: { phase: "Pending", podIP: ip },
    };
    const record: PodRecord = { object, owner, processes: null };
    this.all.set(name, record);
    const wanted = Object.entries(spec.nodeSelector ?? {});
    if (wanted.some(([key, value]) => NODE_LABELS[key] !== value)) {
      const message =
        "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
      object.status!.conditions = [
        { type: "PodScheduled", status: "False", reason: "Unschedulable", message },
      ];
      return;
    }
    spec.nodeName = "node-1";
    const missing = spec.containers.find(({ image }) => this.#options.images[image!] === undefined);
    if (missing !== undefined) {
      const message = `Back-off pulling image "${missing.image}"`;
      object.status!.containerStatuses = [
        {
          ...{ name: missing.name, image: missing.image!, imageID: "", ready: false },
          ...{ restartCount: 0, state: { waiting: { reason: "ImagePullBackOff", message } } },
        },
      ];
      return;
    }
    const folder = join(this.#options.folder, name);
    mkdirSync(folder, { recursive: true });
    const programs = Object.assign(
      {},
      ...spec.containers.map(({ image }) => this.#options.images[image!]),
    );
    record.processes = new PodProcesses(spec, {
      ...{ folder, ip, dnsFile: this.#dnsFile, programs },
      secretData: (secret) => this.#options.secretData(secret),
      onChange: () => report(record),
    });
    report(record);
    this.#writeNames();
  }

  #writeNames(): void {
    const names = [...this.#selectors].flatMap(([name, selector]) => {
      const found = [...this.all.values()].find(({ object }) =>
        Object.entries(selector).every(([key, value]) => object.metadata!.labels![key] === value),
      );
      return found === undefined ? [] : [[name, found.object.status!.podIP] as const];
    });
    writeFileSync(this.#dnsFile, JSON.stringify(Object.fromEntries(names)));
  }
}

/** Sets the status of a pod from the processes of its containers. */
function report({ object, processes }: PodRecord): void {
  if (processes === null) return;
  const states = processes.containers.map(({ state }) => state);
  const hasEnded = states.every(({ exitCode }) => exitCode !== null);
  const isWell = states.every(({ exitCode }) => exitCode === 0);
  const isOver = hasEnded && (isWell || object.spec!.restartPolicy === "Never");
  const isReady = states.every((state) => state.isReady);
  object.status = {
    ...object.status,
    phase: isOver ? (isWell ? "Succeeded" : "Failed") : "Running",
    conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
    containerStatuses: states.map((state, index) => ({
      ...{ name: state.name, image: object.spec!.containers[index]!.image!, imageID: "" },
      ...{ ready: state.isReady, restartCount: state.restarts },
      state:
        state.exitCode === null
          ? { running: {} }
          : isOver
            ? { terminated: { exitCode: state.exitCode, reason: isWell ? "Completed" : "Error" } }
            : { waiting: { reason: "CrashLoopBackOff", message: "back-off restarting" } },
    })),
  };
}

function nextAddress(): string {
  addresses += 1;
  const octet = (shift: number) => (addresses >> shift) & 0xff;
  return `127.${1 + (octet(16) % 254)}.${octet(8)}.${1 + (octet(0) % 254)}`;
}
