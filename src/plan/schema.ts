/**
 * Owns RunPlan, the first of the two contracts that cross the house: what one run does, as plain
 * data with every default written in. cli/ makes it from flags, run/ carries it out, and a result
 * carries it whole, so a saved result can be run again.
 */
import { z } from "zod";
import { maintenanceSchema, NO_MAINTENANCE } from "./maintenance.ts";
import { valuesShape } from "./values.ts";
import { electionWorkloadSchema } from "./workload/election.ts";
import { kubernetesWorkloadSchema } from "./workload/kubernetes-schema.ts";
import { leaseGrantWorkloadSchema } from "./workload/lease-grant.ts";
import { leaseKeepaliveWorkloadSchema } from "./workload/lease-keepalive.ts";
import { lockWorkloadSchema } from "./workload/lock.ts";
import { stmWorkloadSchema } from "./workload/stm.ts";

const count = z.int().min(1);

/** Keys are `prefix` plus an index in [0, keySpaceSize), encoded to exactly `keySizeBytes` bytes. */
export const keySpaceSchema = z.object({
  keySizeBytes: count,
  keySpaceSize: count,
  /** In order 0, 1, 2, ... modulo the key space; otherwise at random from the seed. */
  sequential: z.boolean(),
  /**
   * Of keys at random: all alike; by Zipf's law with YCSB's constant 0.99, hot keys all over the
   * space; or by that law with the highest indices, which are the newest, first.
   */
  popularity: z.enum(["uniform", "zipfian", "latest"]).default("uniform"),
  prefix: z.string(),
  /** `fixed` is big-endian base 256; `varint` is Go's binary.PutVarint, as upstream writes it. */
  encoding: z.enum(["fixed", "varint"]),
});

export const putWorkloadSchema = z.object({
  kind: z.literal("put"),
  keys: keySpaceSchema,
  ...valuesShape,
});

export const consistencySchema = z.enum(["linearizable", "serializable"]);

export const rangeWorkloadSchema = z.object({
  kind: z.literal("range"),
  /**
   * UTF-8. Null: the keys are those of `keySpace`, or without one the run puts one key of
   * `keySizeBytes` with `valSizeBytes` and reads that.
   */
  key: z.string().nullable(),
  /** UTF-8, exclusive. Null: one key only. */
  end: z.string().nullable(),
  /** All keys that start with `key`, which may be empty here: then all keys there are. */
  prefix: z.boolean().default(false),
  /**
   * The answer comes whole; in pages of `limit` keys at the first one's revision, which together are
   * one operation; or as a stream of parts, which etcd has from 3.7.
   */
  fetch: z.enum(["whole", "pages", "stream"]).default("whole"),
  /** Keys in an answer; null: all. */
  limit: count.nullable().default(null),
  /** What an answer carries: keys with their values, keys alone, or only how many there are. */
  content: z.enum(["all", "keys", "count"]).default("all"),
  /** How the server orders the keys of an answer; null: as they are stored, which is by key. */
  sort: z
    .object({
      by: z.enum(["key", "version", "create", "mod", "value"]),
      order: z.enum(["ascend", "descend"]),
    })
    .nullable()
    .default(null),
  /**
   * Its keys are put before the clock starts. Each range then starts at one of them, and is of it
   * alone where there is no limit; or, with `prefix`, is of them all. Null: nothing is drawn.
   */
  keySpace: keySpaceSchema.nullable().default(null),
  keySizeBytes: count,
  ...valuesShape,
  /** Each is measured by the full total or duration, interleaved in time where there are two. */
  consistency: z.array(consistencySchema).min(1).max(2),
});

/** Transactions of `txnOps` puts under the next keys in order; at most `keySpaceSize` of them. */
export const txnPutWorkloadSchema = z.object({
  kind: z.literal("txn-put"),
  keys: keySpaceSchema,
  ...valuesShape,
  txnOps: count,
});

/** Each key of the space is put before the clock starts, and then deleted in order. */
export const deleteWorkloadSchema = z.object({
  kind: z.literal("delete"),
  keys: keySpaceSchema,
  ...valuesShape,
});

/** Transactions of one operation each: a range, or a put of the next key, in order or drawn. */
export const txnMixedWorkloadSchema = z.object({
  kind: z.literal("txn-mixed"),
  keys: keySpaceSchema,
  ...valuesShape,
  /** UTF-8. Empty: ranges start at the first key there is. Null: at the key space's first one. */
  key: z.string().nullable(),
  /** UTF-8, exclusive. Null: the one `key`; all keys where it is empty; the key space's end. */
  end: z.string().nullable(),
  /** Keys in an answer; null: all. */
  limit: count.nullable(),
  consistency: consistencySchema,
  /** Ranges per put. */
  rwRatio: z.number().min(0),
});

export const mixedOperationSchema = z.enum([
  "put",
  "insert",
  "range",
  "scan",
  "rmw",
  "delete",
  "txn-put",
  "lease-grant",
]);

/** Operations over one key space, all of whose keys are put before the clock starts. */
export const mixedWorkloadSchema = z.object({
  kind: z.literal("mixed"),
  keys: keySpaceSchema,
  ...valuesShape,
  /** Each operation at most once; weights are relative to each other. */
  mix: z.array(z.object({ operation: mixedOperationSchema, weight: z.number().positive() })).min(1),
  /** Of the ranges. */
  consistency: consistencySchema,
  /** Puts of a txn-put, at most `keySpaceSize`. */
  txnOps: count,
  /** Keys of the longest scan; each one's number is drawn evenly from 1 to this. */
  scanLength: count.default(100),
  /** Of the mix's lease-grants; null without any. */
  leaseGrant: leaseGrantWorkloadSchema.nullable().default(null),
});

/** Watchers of the watched keys are created first, then the keys are put and the events timed. */
const watchShape = {
  /** Watched keys are drawn from it, `sequential` in order, else at random from the seed. */
  keys: keySpaceSchema,
  ...valuesShape,
  /** At least 8, by which an event is known again. */
  valSizeBytes: z.int().min(8),
  watchedKeyTotal: count,
  streams: count,
  watchersPerStream: count,
  prevKv: z.boolean(),
  progressNotify: z.boolean(),
};

export const watchWorkloadSchema = z.object({ kind: z.literal("watch"), ...watchShape });

export const watchLatencyWorkloadSchema = z.object({
  kind: z.literal("watch-latency"),
  ...watchShape,
});

/**
 * Watchers of one key begin with a history of `events` puts that was made before the clock started,
 * and gets go on until they have caught up with it.
 */
export const watchGetWorkloadSchema = z.object({
  kind: z.literal("watch-get"),
  /** Of one key. */
  keys: keySpaceSchema,
  ...valuesShape,
  watchers: count,
  /** At most `watchers`; they have connections of their own, as many as `load` has. */
  streams: count,
  events: count,
  /** Of the gets. */
  consistency: consistencySchema,
});

/** Puts, and beside them serializable reads of each endpoint's member at random moments. */
export const stalenessWorkloadSchema = z.object({
  kind: z.literal("staleness"),
  keys: keySpaceSchema,
  ...valuesShape,
  /** Of each member. */
  readRatePerSec: z.number().positive(),
});

export const workloadSchema = z.discriminatedUnion("kind", [
  watchWorkloadSchema,
  watchLatencyWorkloadSchema,
  watchGetWorkloadSchema,
  stalenessWorkloadSchema,
  putWorkloadSchema,
  rangeWorkloadSchema,
  leaseGrantWorkloadSchema,
  leaseKeepaliveWorkloadSchema,
  stmWorkloadSchema,
  lockWorkloadSchema,
  electionWorkloadSchema,
  txnPutWorkloadSchema,
  txnMixedWorkloadSchema,
  deleteWorkloadSchema,
  mixedWorkloadSchema,
  kubernetesWorkloadSchema,
]);

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

export const runPlanSchema = z.object({
  target: z.object({
    /** `host:port`, each once, in the order named. Empty until a local cluster has started. */
    endpoints: z.array(z.string()),
    /** Use the leader's endpoint alone. */
    leaderOnly: z.boolean(),
    /** `http(s)://host:port` of each member's metrics; null: the client port. */
    metricsEndpoints: z.array(z.string()).nullable(),
    /** Null: no TLS. Names of files as the person gave them, never what stands in them. */
    tls: tlsSchema.nullable().default(null),
    /** Who asks etcd for a token; null: nobody. The password stands nowhere. */
    user: z.string().nullable().default(null),
    /** A throwaway cluster started for this run; null: the cluster was there already. */
    local: z
      .object({
        members: z.union([z.literal(1), z.literal(3), z.literal(5)]),
        /** With certificates made for it, on both sides. */
        tls: z.boolean().default(false),
        /** With authentication on, and the user root with a password made for it. */
        auth: z.enum(["simple", "jwt"]).nullable().default(null),
        /** Further flags of every member. */
        serverArgs: z.array(z.string()).default([]),
      })
      .nullable(),
    /** Go on where the run's writes would not fit the backend quota. */
    ignoresQuota: z.boolean().default(false),
  }),
  workload: workloadSchema,
  load: z.object({
    connections: count,
    clients: count,
    workers: count,
    transport: z.enum(["wire", "grpc-js"]),
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
    /** How a worker waits for the next due moment. */
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
  /** What is done to etcd itself while the load goes on. */
  maintenance: maintenanceSchema.default(NO_MAINTENANCE),
  judge: z.object({
    /** A fraction: 0.01 lets one request in a hundred fail before the exit code is 1. */
    maxErrorRate: z.number().min(0).max(1),
    thresholds: z.array(thresholdSchema),
    strict: z.boolean(),
    /** Behind the run all members are asked for the hash of their keys, which must be one. */
    checkHashKv: z.boolean().default(false),
  }),
  /** Null: one run, at the rate that `pacing` says. */
  search: searchSchema.nullable().default(null),
  /** What the person calls the run by, such as `commit`; bench's own are `session`, `side`, `pair`. */
  labels: z.record(z.string(), z.string()).default({}),
  /** Behind the measurement the keys that the run wrote are deleted, and no other. */
  cleanup: z.boolean().default(false),
});

export type RunPlan = z.infer<typeof runPlanSchema>;
export type Workload = z.infer<typeof workloadSchema>;
export type PutWorkload = z.infer<typeof putWorkloadSchema>;
export type RangeWorkload = z.infer<typeof rangeWorkloadSchema>;
export type TxnPutWorkload = z.infer<typeof txnPutWorkloadSchema>;
export type TxnMixedWorkload = z.infer<typeof txnMixedWorkloadSchema>;
export type WatchWorkload =
  | z.infer<typeof watchWorkloadSchema>
  | z.infer<typeof watchLatencyWorkloadSchema>;
export type WatchGetWorkload = z.infer<typeof watchGetWorkloadSchema>;
export type StalenessWorkload = z.infer<typeof stalenessWorkloadSchema>;
export type DeleteWorkload = z.infer<typeof deleteWorkloadSchema>;
export type MixedWorkload = z.infer<typeof mixedWorkloadSchema>;
export type MixedOperation = z.infer<typeof mixedOperationSchema>;
export type KeySpace = z.infer<typeof keySpaceSchema>;
export type Consistency = z.infer<typeof consistencySchema>;
export type TlsPlan = z.infer<typeof tlsSchema>;
export type Threshold = z.infer<typeof thresholdSchema>;
export type Search = z.infer<typeof searchSchema>;
export type RangeSort = NonNullable<RangeWorkload["sort"]>;
