/**
 * Defines RunResult: what happened in one run, as versioned JSON. run/ makes it, the store keeps it,
 * report/ and compare/ read nothing else. Field names are the contract: add freely, rename none without
 * raising `schemaVersion`. A figure that could not be had is null, never 0.
 */
import * as z from "zod";
import { machineSchema } from "../machine/machine-schema.ts";
import type { RunPlan } from "../plan/schema.ts";
import { availabilitySchema } from "./availability-schema.ts";
import { operationSchema } from "./operation-schema.ts";
import { RESULT_SCHEMA_VERSION } from "./schema-version.ts";
import { memberSchema, serverSchema } from "./server-schema.ts";

export type {
  Fairness,
  Interval,
  Latency,
  LatencyBounds,
  LatencyFigure,
  OperationResult,
  Quantity,
} from "./operation-schema.ts";

export type { MemberResult, ServerResult, ServerSamples } from "./server-schema.ts";

const nullableNumber = z.number().nullable();

/** Seen by looking again every few seconds, so that it happened up to as long before. */
export const targetChangeSchema = z.object({
  kind: z.enum(["leader", "cluster", "revision", "member", "version"]),
  /** Since the start of the measured phase. */
  atSeconds: z.number(),
  text: z.string(),
  /** The run did not measure what it was to measure. */
  isFault: z.boolean(),
});

/** What happened in etcd during the measured phase: on the schedule of the plan, or by itself. */
export const eventSchema = z.object({
  /** As the definitions of events name it. */
  kind: z.string(),
  /** What was asked for, in the words of --event: `kill leader`; null: it has a flag of its own, or
   * was observed. */
  text: z.string().nullable().default(null),
  /** The one that it was done to, or that was the first to see its leader change; null where it is the
   * whole cluster's, as a compaction. */
  member: z.string().nullable(),
  /** Up to which it was compacted; null for all else, and where it could not be told. */
  revision: z.int().nullable(),
  /** Since the start of the measured phase. A leader change has happened up to a second before it
   * was seen in the metrics. */
  startSeconds: z.number(),
  /** Until etcd answered: of a compaction, when the old revisions were off the backend of the
   * member that was asked. Of what lasts, until it was put right. Null where nothing was done. */
  durationSeconds: nullableNumber,
  /** Why it came to nothing, in etcd's words where it answered. */
  error: z.string().nullable(),
});

/** The requests of one operation that went to one endpoint; its name is `put@host:port`. */
export const endpointSchema = operationSchema.extend({
  /** The name of the whole operation. */
  operation: z.string(),
  endpoint: z.string(),
  /** Who answered there when the run began; null: not known. */
  member: z.string().nullable(),
  /** Requests of the operation that were never sent, and so to no endpoint; absent: none. */
  perhapsDropped: z.int().min(1).optional(),
});

/** A profile of one member, as Go's pprof has it, in a file next to the result. */
export const profileSchema = z.object({
  member: z.string(),
  kind: z.enum(["cpu", "heap"]),
  /** Since the start of the measured phase; a heap is as of the end. */
  startSeconds: z.number(),
  durationSeconds: z.number(),
  /** Without a folder. */
  file: z.string(),
  sizeBytes: z.int(),
});

export const verdictKindSchema = z.enum([
  "valid",
  "client-limited",
  "rate-unmet",
  /** Agents did not begin at the same time. */
  "skewed",
  "errors",
]);

/** A machine that sent a share of the load. */
export const agentSchema = z.object({
  name: z.string(),
  workers: z.int(),
  /** Requests of the measured load that ended. */
  requests: z.int().min(0),
  /** Of the whole process, within the measured slices alone. */
  cpuSeconds: nullableNumber,
  /** Of its time, how long its busiest worker's event loop worked. */
  busyPercentMax: nullableNumber,
  rssMaxBytes: nullableNumber,
  /** How long after the time set for all its load began, at most; null where it did not begin. */
  startLateMs: nullableNumber,
  /** How wrong the mapping of its clock may have been at most while load ran, and so the figure before. */
  clockUncertaintyMs: nullableNumber,
  /** How far its monotonic clock was ahead of the coordinator's when its last measured load ended. */
  clockAheadMs: nullableNumber.default(null),
  /** By how much its clock runs faster than the coordinator's; null where that is not known from none. */
  clockDriftPpm: nullableNumber.default(null),
  /** Why it was lost before the end; null: it was not. */
  lost: z.string().nullable(),
  environment: z.object({
    tool: z.string(),
    node: z.string(),
    kernel: z.string(),
    cpuModel: z.string(),
    cpus: z.int().nullable(),
    cpusAvailable: nullableNumber,
    memoryBytes: nullableNumber.default(null),
    memoryLimitBytes: nullableNumber.default(null),
  }),
  /** The same for agents of one machine, from 1; null where it was not asked. */
  machineNumber: z.int().nullable().default(null),
  /** Of its machine, as of the client's below: processes of other agents are of this client. */
  machine: machineSchema.nullable().default(null),
});

export const clientSchema = z.object({
  transport: z.string(),
  workers: z.int(),
  connections: z.int(),
  clients: z.int(),
  /** CPU of the whole process over the requests that ended. */
  cpuMicrosPerRequest: nullableNumber,
  /** Of the whole process, within the measured slices alone. */
  cpuSeconds: nullableNumber.default(null),
  /** Of one core; above 100 where several threads work. */
  cpuPercent: nullableNumber,
  /** Of its time, how long the busiest worker's event loop worked. */
  busyPercentMax: nullableNumber,
  eventLoopDelayP50Ms: nullableNumber.default(null),
  eventLoopDelayP99Ms: nullableNumber,
  /** The same of each measured slice, for the operations that were measured in it; null in files of older
   * versions. */
  slices: z
    .array(
      z.object({
        /** Names of the series. */
        series: z.array(z.string()),
        eventLoopDelayP50Ms: z.number(),
        eventLoopDelayP99Ms: z.number(),
      }),
    )
    .nullable()
    .default(null),
  /** Of its time, how long the worker that waited most was ready to run and had no CPU. */
  cpuWaitPercentMax: nullableNumber.default(null),
  /** How late sends were that had a free client; null in a closed loop. */
  dispatchLagP50Ms: nullableNumber,
  dispatchLagP99Ms: nullableNumber,
  /** Of all of them together; null in files of older versions. */
  dispatchLagTotalMs: nullableNumber.default(null),
  rssMaxBytes: nullableNumber,
  /** Stretches of the measured slices in which threads of this process did not run, or in which one
   * turn of their event loops took so long. Null in files of older versions. */
  pauses: z
    .object({
      /** Of workers; what several of them had at one time is one. */
      count: z.int().min(0),
      totalMs: z.number(),
      longestMs: z.number(),
      /** Of the measured time. */
      percent: nullableNumber,
      /** Of the main thread alone, which sends nothing. */
      mainThreadCount: z.int().min(0),
      mainThreadTotalMs: z.number(),
      /** At most 100 of both, in the order of time. */
      longest: z.array(
        z.object({
          /** Since the start of the measured phase. */
          startSeconds: z.number(),
          durationMs: z.number(),
          /** How many paused; 0: the main thread alone. */
          workers: z.int().min(0),
          /** Whose workers they are; absent where the machine of the result sent all load itself. */
          agents: z.array(z.string()).optional(),
          isOfMainThread: z.boolean(),
          /** `not-run`: stopped, suspended, throttled, or without a free CPU. */
          cause: z.enum(["not-run", "garbage-collection", "busy"]),
        }),
      ),
    })
    .nullable()
    .default(null),
  /** Absent where the machine of the result sent all load itself. */
  agents: z.array(agentSchema).optional(),
});

/** What --check-hashkv found after the run. */
export const hashKvSchema = z.object({
  /** Up to which each member was asked for the hash of its keys; null where no member reported the newest. */
  revision: z.int().nullable(),
  /** Null where they could not be compared: a member did not answer, or is compacted to another
   * revision than the others, and so holds other keys. */
  isEqual: z.boolean().nullable(),
  /** Without learners, which have no HashKV. */
  members: z.array(
    z.object({
      name: z.string(),
      endpoint: z.string(),
      hash: z.int().nullable(),
      /** Keys that it had done with are not in the hash; -1: it was never compacted. */
      compactRevision: z.int().nullable(),
      /** How long the member took for the hash. */
      durationSeconds: nullableNumber,
      /** Why there is no hash, in etcd's words where it answered. */
      error: z.string().nullable(),
    }),
  ),
});

/** The tool, and the machine that it ran on. */
export const environmentSchema = z.object({
  tool: z.string(),
  node: z.string(),
  os: z.string(),
  kernel: z.string(),
  cpuModel: z.string(),
  cpus: z.int().nullable(),
  /** That the client may use, by its affinity and the CPU quota of its control group, such as 1.5;
   * null in files of older versions. */
  cpusAvailable: nullableNumber.default(null),
  memoryBytes: nullableNumber,
  /** Of the client's control group; null without one. */
  memoryLimitBytes: nullableNumber.default(null),
});

/** @param plan the schema of plans */
export function runResultSchemaOf(plan: z.ZodType<RunPlan>) {
  return z.object({
    schemaVersion: z.literal(RESULT_SCHEMA_VERSION),
    id: z.string(),
    /** `published` marks figures taken from a document, not measured by this tool. */
    origin: z.enum(["measured", "published"]),
    /** ISO 8601, UTC. */
    startedAt: z.iso.datetime(),
    /** When the measured phase began, which intervals count from: ISO 8601, UTC. */
    measuredAt: z.iso.datetime().nullable().default(null),
    durationSeconds: z.number(),
    status: z.enum(["complete", "interrupted", "failed"]),
    verdict: z.object({ kind: verdictKindSchema, reasons: z.array(z.string()) }),
    /** What a reader must know to read the figures rightly, a sentence each. */
    notes: z.array(z.string()),
    thresholds: z.array(
      z.object({
        expression: z.string(),
        actual: nullableNumber,
        /** It held. */
        passed: z.boolean(),
        /** `undecided`: what was measured proves neither. Null in results of before it was kept. */
        outcome: z.enum(["held", "broken", "undecided"]).nullable().default(null),
        /** What is known of a figure that is null. */
        atLeast: nullableNumber.default(null),
        atMost: nullableNumber.default(null),
        /** Of a latency: the clock of the figure; null where operations of both make it, and in results of
         * before it was kept. */
        clock: z.enum(["response", "service"]).nullable().default(null),
        /** Why it is undecided; null where it is not. */
        reason: z.string().nullable().default(null),
        /** What has too few samples for the percentile and is not decided by their bounds either, failed
         * requests left out: a search does not judge it by its limit, any other threshold is undecided
         * by it. */
        tooFewSamples: z
          .array(z.object({ operation: z.string(), samples: z.int().min(0) }))
          .default([]),
      }),
    ),
    plan,
    /** The run's place in the search of its plan; null where it is a run of its own. */
    search: z
      .object({
        /** The same for all runs of one search. */
        id: z.string(),
        /** From 1, in the order of time. */
        step: z.int().min(1),
        /** A verification has the plan's full duration; only one that holds makes a rate found. */
        isVerification: z.boolean(),
      })
      .nullable()
      .default(null),
    environment: environmentSchema,
    target: z.object({
      endpoints: z.array(z.string()),
      clusterId: z.string().nullable(),
      version: z.string().nullable(),
      /** Before the run wrote anything: a key that was last modified up to it is not the run's. Null where
       * no member told it. */
      revision: z.int().nullable().default(null),
      /** File system type of a local cluster's data, e.g. `ext4`; null where it is not known. */
      dataFileSystem: z.string().nullable(),
      /** As it was when the run began. */
      members: z.array(memberSchema),
      /** How many connections the load had to which member, by its name, or to an endpoint where it is not
       * known who answers there. `idle`: how many of them carried nothing in the measured phase.
       * `messages`: how many were sent on them in it, those that open calls and further ones on streams;
       * null where a worker was lost, and in files of older versions, whose `idle` is by the plan. */
      connections: z
        .array(
          z.object({
            member: z.string(),
            count: z.int(),
            messages: z.int().nullable().default(null),
            idle: z.int().optional(),
          }),
        )
        .default([]),
      /** What became of it during the run, in the order in which it was seen. */
      changes: z.array(targetChangeSchema).default([]),
      /** Of the cluster's list when the run ended. Null where that is not known, as after events of the plan
       * that change it, and in files of older versions. */
      membersAtEnd: z
        .array(z.object({ id: z.string(), name: z.string() }))
        .nullable()
        .default(null),
    }),
    /** What else than requests makes the run a failed one, a clause each. */
    faults: z.array(z.string()).default([]),
    /** Whether it may have put a key, in a set-up or a warm-up, too; null where that is not known, as with
     * agents, of which one may be lost. */
    hasPutKeys: z.boolean().nullable().default(null),
    operations: z.array(operationSchema).min(1),
    /** The requests of each operation by endpoint; none where that was not asked for. */
    byEndpoint: z.array(endpointSchema).default([]),
    /** In the order of their starts. */
    moments: z.array(eventSchema).default([]),
    /** Of etcd, of the slowest window of the load; none where none were asked for or had. */
    profiles: z.array(profileSchema).default([]),
    /** Null where it was not asked for, and for a run that was interrupted. */
    hashKv: hashKvSchema.nullable().default(null),
    /** What single requests saw of a fault; null for loads that do not record them. */
    availability: availabilitySchema.nullable().default(null),
    client: clientSchema,
    /** The client's machine during the measured phase; null where it was not watched, or agents sent the
     * load, each of which has its own. */
    machine: machineSchema.nullable().default(null),
    server: z.array(serverSchema),
  });
}

export type RunResult = z.infer<ReturnType<typeof runResultSchemaOf>>;
export type TargetChange = z.infer<typeof targetChangeSchema>;
export type EndpointResult = z.infer<typeof endpointSchema>;
export type ProfileResult = z.infer<typeof profileSchema>;
export type EtcdEvent = z.infer<typeof eventSchema>;
export type HashKv = z.infer<typeof hashKvSchema>;
export type Verdict = RunResult["verdict"];
export type AgentResult = z.infer<typeof agentSchema>;
export type ClientResult = z.infer<typeof clientSchema>;
