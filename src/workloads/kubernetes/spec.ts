/** Defines what all workers of a kubernetes run must agree on; plain data. */
import { KUBERNETES_RESOURCES, type KubernetesWorkload } from "./request-mix.ts";

export interface KubernetesSpec {
  plan: KubernetesWorkload;
  workers: number;
  /** 32 bits that tell this run's values from those of others. */
  token: number;
}

/** The streams of each worker, one a watcher. */
export function watchersOfWorker({ watchersPerResource }: KubernetesWorkload): number {
  return KUBERNETES_RESOURCES.length * watchersPerResource;
}
