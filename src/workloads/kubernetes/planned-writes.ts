/**
 * Computes how much a kubernetes run writes, by kind of object: what it holds at most at one time,
 * since its API servers compact old revisions.
 */
import type { PlannedWrites } from "../../plan/written-bytes.ts";
import type { KubernetesKind } from "./kinds.ts";
import {
  eventLeaseSeconds,
  KUBERNETES_OBJECT_BYTES,
  KUBERNETES_RESOURCES,
  type KubernetesResource,
  type KubernetesWorkload,
  objectsOf,
} from "./request-mix.ts";

/** About as much as an object's key has after the prefix. */
const KEY_BYTES = 44;
/** A compaction leaves what is younger than one interval, and the next one comes an interval later. */
const INTERVALS_HELD = 2;

/** The kinds of requests that write an object of a resource. */
const WRITERS: Partial<
  Record<KubernetesResource, { create?: KubernetesKind; update?: KubernetesKind }>
> = {
  nodes: { update: "node-update" },
  leases: { update: "lease-update" },
  endpoints: { update: "endpoints-update" },
  pods: { create: "pod-create", update: "pod-update" },
  events: { create: "event-create" },
};

/** Pods, and the objects of all other kinds. @param ratePerSec null: a closed loop */
export function kubernetesWrites(
  workload: KubernetesWorkload,
  requests: number,
  ratePerSec: number | null,
): PlannedWrites {
  const within = (ms: number) =>
    ratePerSec === null ? requests : Math.min(requests, Math.ceil((ratePerSec * ms) / 1000));
  const all = workload.mix.reduce((sum, { weight }) => sum + weight, 0);
  /** Of so many requests, those of a kind. */
  const requestsOf = (kind: KubernetesKind | undefined, among: number) =>
    ((workload.mix.find(({ operation }) => operation === kind)?.weight ?? 0) * among) / all;
  const { compactIntervalMs } = workload;
  // The history of so many is there at once; of all before only what lives on.
  const held = within(INTERVALS_HELD * compactIntervalMs);
  const older = requests - held;
  const leased = within(eventLeaseSeconds(workload) * 1000);
  const alive = {
    pods: Math.max(0, requestsOf("pod-create", older) - requestsOf("pod-delete", older)),
    events: requestsOf("event-create", Math.max(0, leased - held)),
  };
  const kinds = KUBERNETES_RESOURCES.map((resource): PlannedWrites => {
    const { create, update } = WRITERS[resource] ?? {};
    const written = requestsOf(create, held) + requestsOf(update, held);
    const living = resource === "pods" || resource === "events" ? alive[resource] : 0;
    return {
      of: resource,
      // First each object is put once.
      puts: objectsOf(resource, workload) + Math.ceil(written + living),
      deletes: Math.ceil(deletesOf(resource)),
      keySizeBytes: Buffer.byteLength(workload.prefix) + KEY_BYTES,
      ...valuesOf(resource, workload),
    };
  });
  const pods = kinds.find(({ of }) => of === "pods")!;
  const isCompacted = held < requests;
  return {
    ...pods,
    further: kinds.filter((kind) => kind !== pods && kind.puts > 0),
    ...(isCompacted ? { compactIntervalMs } : {}),
  };

  /** An event's lease takes it away, if the run lasts until then. */
  function deletesOf(resource: KubernetesResource): number {
    if (resource === "pods") return requestsOf("pod-delete", held);
    const doExpire = within(workload.eventTtlSeconds * 1000) < requests;
    return resource === "events" && doExpire ? requestsOf("event-create", held) : 0;
  }
}

/** Pods have from two thirds to four thirds of their size. */
function valuesOf(
  resource: KubernetesResource,
  { podSizeBytes }: KubernetesWorkload,
): Pick<PlannedWrites, "valSizeBytes" | "valueSize"> {
  if (resource !== "pods") {
    return { valSizeBytes: KUBERNETES_OBJECT_BYTES[resource], valueSize: null };
  }
  const minBytes = Math.round((podSizeBytes * 2) / 3);
  const maxBytes = Math.round((podSizeBytes * 4) / 3);
  return { valSizeBytes: podSizeBytes, valueSize: { kind: "uniform", minBytes, maxBytes } };
}
