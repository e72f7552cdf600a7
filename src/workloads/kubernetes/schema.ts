/** Defines the schema of the kubernetes workload in a plan. */
import type * as zod from "zod";
import { KUBERNETES_KINDS, KUBERNETES_SCENARIOS } from "./kinds.ts";

export function kubernetesSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("kubernetes"),
    scenario: z.enum(KUBERNETES_SCENARIOS),
    /** Before `/registry/` in every key. */
    prefix: z.string(),
    nodes: z.int().min(1),
    /** Put before the clock starts, as are the objects of the other resources. */
    pods: z.int().min(1),
    namespaces: z.int().min(1),
    services: z.int().min(1),
    /** Pods have from two thirds to four thirds of it, evenly. */
    podSizeBytes: z.int().min(1),
    /** Each kind at most once; weights are relative to each other. */
    mix: z
      .array(z.object({ operation: z.enum(KUBERNETES_KINDS), weight: z.number().positive() }))
      .min(1),
    /** Of the updates and deletes of objects with several writers, those first sent out of date. */
    conflictRate: z.number().min(0).max(1),
    /** Clients that list all pods again and again, and do nothing else. */
    relistClients: z.int().min(0),
    /** Of each worker, which is an API server of its own. */
    watchersPerResource: z.int().min(1),
    /** Keys in a page, of a list in one namespace and of a list of all pods. */
    listPageKeys: z.int().min(1),
    relistPageKeys: z.int().min(1),
    eventTtlSeconds: z.int().min(1),
    /** An events' lease takes no more of them after this time, or so many. */
    leaseReuseMs: z.number().positive(),
    leaseMaxEvents: z.int().min(1),
    compactIntervalMs: z.number().positive(),
  });
}

export type KubernetesWorkload = zod.infer<ReturnType<typeof kubernetesSchema>>;
