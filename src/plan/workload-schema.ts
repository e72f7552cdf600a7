/** Owns what of a RunPlan says which requests are sent: a schema for each kind of workload. */
import * as z from "zod";
import { valuesShape } from "./values-schema.ts";
import { availabilityWorkloadSchema } from "./workload/availability-schema.ts";
import { electionWorkloadSchema } from "./workload/election-schema.ts";
import { kubernetesWorkloadSchema } from "./workload/kubernetes-schema.ts";
import { leaseGrantWorkloadSchema } from "./workload/lease-grant-schema.ts";
import { leaseKeepaliveWorkloadSchema } from "./workload/lease-keepalive-schema.ts";
import { lockWorkloadSchema } from "./workload/lock-schema.ts";
import { MIXED_OPERATIONS } from "./workload/mixed-operations.ts";
import { stmWorkloadSchema } from "./workload/stm-schema.ts";

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

/** Operations over one key space, all of whose keys are put before the clock starts. */
export const mixedWorkloadSchema = z.object({
  kind: z.literal("mixed"),
  keys: keySpaceSchema,
  ...valuesShape,
  /** Each operation at most once; weights are relative to each other. */
  mix: z
    .array(z.object({ operation: z.enum(MIXED_OPERATIONS), weight: z.number().positive() }))
    .min(1),
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
  availabilityWorkloadSchema,
]);

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
export type KeySpace = z.infer<typeof keySpaceSchema>;
export type Consistency = z.infer<typeof consistencySchema>;
export type RangeSort = NonNullable<RangeWorkload["sort"]>;
