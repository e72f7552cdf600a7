/** Owns the schema of the kubernetes workload in a plan. */
import * as z from "zod";
import { KUBERNETES_KINDS, KUBERNETES_SCENARIOS } from "./kubernetes-kinds.ts";

const count = z.int().min(1);

export const kubernetesWorkloadSchema = z.object({
  kind: z.literal("kubernetes"),
  scenario: z.enum(KUBERNETES_SCENARIOS),
  /** Before `/registry/` in every key. */
  prefix: z.string(),
  nodes: count,
  /** Put before the clock starts, as are the objects of the other resources. */
  pods: count,
  namespaces: count,
  services: count,
  /** Pods have from two thirds to four thirds of it, evenly. */
  podSizeBytes: count,
  /** Each kind at most once; weights are relative to each other. */
  mix: z
    .array(z.object({ operation: z.enum(KUBERNETES_KINDS), weight: z.number().positive() }))
    .min(1),
  /** Of the updates and deletes of objects with several writers, those first sent out of date. */
  conflictRate: z.number().min(0).max(1),
  /** Clients that list all pods again and again, and do nothing else. */
  relistClients: z.int().min(0),
  /** Of each worker, which is an API server of its own. */
  watchersPerResource: count,
  /** Keys in a page, of a list in one namespace and of a list of all pods. */
  listPageKeys: count,
  relistPageKeys: count,
  eventTtlSeconds: count,
  /** An events' lease takes no more of them after this time, or so many. */
  leaseReuseMs: z.number().positive(),
  leaseMaxEvents: count,
  compactIntervalMs: z.number().positive(),
});

export type KubernetesWorkload = z.infer<typeof kubernetesWorkloadSchema>;
