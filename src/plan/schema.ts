/**
 * Defines RunPlan: what one run does, as plain data with every default written in. cli/ makes it from
 * flags, run/ carries it out, and a result carries it whole, so a saved result can be run again.
 */
import * as z from "zod";
import { eventPlansSchema, NO_EVENT_PLANS } from "./events-schema.ts";
import type { KeySpace } from "./key-space.ts";
import type { Values } from "./value-size.ts";

/**
 * A workload's part of a plan. Its definition alone knows its fields, but for some that mean the same
 * in all workloads that have them.
 */
export interface WorkloadPlan extends Partial<Values> {
  kind: string;
  /** What it writes to. */
  keys?: KeySpace;
  /** As `keys`, of a workload that may have none. */
  keySpace?: KeySpace | null;
  /** Of a workload without a key space; else that has it. */
  keySizeBytes?: number;
  [field: string]: unknown;
}

const count = z.int().min(1);

export const thresholdSchema = z.object({
  /** As the user wrote it: `p99<20ms`, or `range:p99<20ms`. */
  expression: z.string(),
  /** The one that must hold it, with or without the workload's kind before it; null: every one. */
  series: z.string().nullable().default(null),
  metric: z.enum(["p50", "p90", "p95", "p99", "p999", "mean", "stddev", "max", "qps", "errors"]),
  comparison: z.enum(["<", "<=", ">", ">="]),
  /** Milliseconds for latencies, requests per second for qps, a fraction for errors. */
  bound: z.number().min(0),
});

/** The search for the highest rate at which every limit holds; each step is a run of its own. */
export const searchSchema = z.object({
  limits: z.array(thresholdSchema).min(1),
  startRatePerSec: z.number().positive(),
  /** A fraction: 0.05 ends the search where the rates that hold and fail are 5% apart. */
  precision: z.number().positive(),
  stepDurationMs: z.number().positive(),
});

export const tlsSchema = z.object({
  /** The client's own certificate and key: both or neither. */
  certFile: z.string().nullable(),
  keyFile: z.string().nullable(),
  /** Authorities to trust; null: those that Node trusts. */
  caFile: z.string().nullable(),
  /** Expected in the server's certificate; null: the endpoint's host. */
  serverName: z.string().nullable(),
  /** Takes any certificate. */
  skipVerify: z.boolean(),
});

/** @param workload the schema of any workload's part, which its definition has */
export function runPlanSchemaOf(workload: z.ZodType<WorkloadPlan>) {
  return z.object({
    target: z.object({
      /** `host:port`, each once, in the order named. Empty until a local cluster has started. */
      endpoints: z.array(z.string()),
      /** Use the leader's endpoint alone. */
      leaderOnly: z.boolean(),
      /** `http(s)://host:port` of each member's metrics; null: the client port. */
      metricsEndpoints: z.array(z.string()).nullable(),
      /** Null: no TLS. Names of files as the user gave them, never their content. */
      tls: tlsSchema.nullable().default(null),
      /** The user that asks etcd for a token; null: none does. No plan has the password. */
      user: z.string().nullable().default(null),
      /** A throwaway cluster started for this run; null: the cluster was there already. */
      local: z
        .object({
          members: z.union([z.literal(1), z.literal(3), z.literal(5)]),
          /** With certificates made for it, on both sides. */
          tls: z.boolean().default(false),
          /** With authentication on, and the user root with a password made for it. */
          auth: z.enum(["simple", "jwt"]).nullable().default(null),
          /** Clients go through etcd's grpc-proxy. */
          grpcProxy: z.boolean().default(false),
          /** Clients and peers come to the members through fault proxies. */
          proxied: z.boolean().default(false),
          /** Further flags of every member. */
          serverArgs: z.array(z.string()).default([]),
        })
        .nullable(),
      /** The name of the cluster of `bench cluster` that the endpoints are of; null: of none. */
      cluster: z.string().nullable().default(null),
      /** Go on where the run's writes would not fit the backend quota. */
      ignoresQuota: z.boolean().default(false),
    }),
    workload,
    load: z.object({
      connections: count,
      clients: count,
      /** Of each machine. */
      workers: count,
      /** Machines that send in place of this one; absent: none. */
      agents: count.optional(),
      transport: z.enum(["wire", "grpc-js", "gateway"]),
      /** Deadline of each request. */
      timeoutMs: z.number().positive(),
      /** To open a connection, from its first packet to the server's SETTINGS; null: the default. */
      dialTimeoutMs: z.number().positive().nullable().default(null),
      seed: z.int().min(0).max(0xffffffff),
    }),
    pacing: z.object({
      /** Requests per second of the whole run; null: a closed loop. */
      ratePerSec: z.number().positive().nullable(),
      arrival: z.enum(["constant", "poisson"]),
      /** How a worker waits for the next due time. */
      wait: z.enum(["nap", "spin", "timer"]),
    }),
    limits: z.object({
      /** Requests to measure, for each operation; null: until `durationMs` has passed. */
      totalRequests: count.nullable(),
      /** Whichever of the two comes first. */
      durationMs: z.number().positive().nullable(),
      /** Real workload that is sent and thrown away before the clock starts. */
      warmupRequests: count.nullable(),
      warmupMs: z.number().positive().nullable(),
    }),
    /** What happens to etcd while the load goes on, by the kind of event. */
    maintenance: eventPlansSchema.default(NO_EVENT_PLANS),
    judge: z.object({
      /** A fraction: 0.01 lets one request in a hundred fail before the exit code is 1. */
      maxErrorRate: z.number().min(0).max(1),
      thresholds: z.array(thresholdSchema),
      strict: z.boolean(),
      /** After the run all members are asked for the hash of their keys, which must be one. */
      checkHashKv: z.boolean().default(false),
      /** How many of the slowest requests of each series the result has. */
      keepSlowest: z.int().min(0).default(0),
      /** What the figures of each operation are split by, too. */
      by: z.enum(["endpoint"]).nullable().default(null),
      /** Profiles of etcd that are kept of the slowest window of the load. */
      profiles: z.array(z.enum(["cpu", "heap"])).default([]),
    }),
    /** Null: one run, at the rate that `pacing` says. */
    search: searchSchema.nullable().default(null),
    /** What the user calls the run by, such as `commit`; bench's own are `session`, `side`, `pair`. */
    labels: z.record(z.string(), z.string()).default({}),
    /** After the measurement the keys that the run wrote are deleted, and no other. */
    cleanup: z.boolean().default(false),
  });
}

export type RunPlan = z.infer<ReturnType<typeof runPlanSchemaOf>>;
export type TlsPlan = z.infer<typeof tlsSchema>;
export type ProfileKind = RunPlan["judge"]["profiles"][number];
export type Threshold = z.infer<typeof thresholdSchema>;
export type Search = z.infer<typeof searchSchema>;
