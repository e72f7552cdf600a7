/** Reads what Kubernetes reports of pods: which agent each is, whether it runs, and what keeps it from that. */
import type { IPod } from "kubernetes-models/v1/Pod";
import type { SeenAgent } from "../engine.ts";

const INDEX = "batch.kubernetes.io/job-completion-index";
/** Reasons for which a pod waits that time alone does not take away. */
const LASTING = new Set([
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "CreateContainerError",
]);

/** As far as it is read here, of what comes from outside. */
export type Pod = Pick<IPod, "metadata" | "spec" | "status">;

export interface SeenPod extends Omit<SeenAgent, "name" | "logEnd"> {
  readonly pod: string;
  readonly node: string | null;
  /** A container of it has ended before. */
  readonly hasRestarted: boolean;
}

/** The newest pod of each index of a Job. */
export function podsByIndex(pods: readonly Pod[]): Map<string, Pod> {
  const created = ({ metadata }: Pod) => metadata?.creationTimestamp ?? "";
  const inOrder = pods.toSorted((one, other) => (created(one) < created(other) ? -1 : 1));
  return new Map(
    inOrder.flatMap((pod) => {
      const index = pod.metadata?.annotations?.[INDEX] ?? pod.metadata?.labels?.[INDEX];
      return index === undefined ? [] : [[index, pod] as const];
    }),
  );
}

export function seePod(pod: Pod): SeenPod {
  const { metadata, spec, status } = pod;
  const restarts = (status?.containerStatuses ?? []).reduce(
    (sum, each) => sum + each.restartCount,
    0,
  );
  const common = {
    ...{ pod: metadata?.name ?? "", node: spec?.nodeName ?? null, hasRestarted: restarts > 0 },
  };
  const waiting = reasonToWait(pod);
  switch (status?.phase) {
    case "Running":
      return {
        ...common,
        state: waiting?.isLasting ? "ended" : "running",
        detail: detail(waiting, restarts),
      };
    case "Succeeded":
    case "Failed":
      return { ...common, state: "ended", detail: endOf(pod) };
    default:
      return {
        ...common,
        state: waiting?.isLasting ? "ended" : "waiting",
        detail: waiting?.words ?? null,
      };
  }
}

function detail(waiting: { words: string } | null, restarts: number): string | null {
  if (waiting !== null) return waiting.words;
  return restarts === 0 ? null : `started ${restarts + 1} times`;
}

function reasonToWait({ status }: Pod): { words: string; isLasting: boolean } | null {
  for (const { state } of status?.containerStatuses ?? []) {
    if (state?.waiting === undefined) continue;
    const { reason = "waiting", message } = state.waiting;
    return { words: sentence(reason, message), isLasting: LASTING.has(reason) };
  }
  const refused = status?.conditions?.find(
    (each) => each.type === "PodScheduled" && each.status === "False",
  );
  if (refused === undefined) return null;
  return { words: sentence(refused.reason ?? "not scheduled", refused.message), isLasting: false };
}

function endOf({ status }: Pod): string {
  for (const { state } of status?.containerStatuses ?? []) {
    if (state?.terminated === undefined) continue;
    const { reason = "ended", exitCode, message } = state.terminated;
    return sentence(`${reason}, exit code ${exitCode}`, message);
  }
  return sentence(status?.reason ?? status?.phase ?? "ended", status?.message);
}

function sentence(reason: string, message: string | undefined): string {
  return message === undefined || message === "" ? reason : `${reason}: ${message}`;
}
