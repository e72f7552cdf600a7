/** Defines the part of a RunResult on an operation's requests: counts, latencies, intervals. */
import * as z from "zod";
import { slowRequestSchema } from "./slow-request-schema.ts";

const nullableNumber = z.number().nullable();

/** Those figures of a latency of which only a bound is known. */
const latencyBoundsSchema = z
  .object({
    meanMs: z.number(),
    p50Ms: z.number(),
    p90Ms: z.number(),
    p95Ms: z.number(),
    p99Ms: z.number(),
    p999Ms: z.number(),
    maxMs: z.number(),
  })
  .partial();

/**
 * One latency distribution: of the requests that succeeded, and of those that are missing (failed,
 * timed out, cut off at the end, never sent). A figure is a number only where no missing request
 * could change it by more than the histogram's precision, and a percentile only with ten samples
 * beyond it; else it is null, and `atLeast` and `atMost` have what is known of it. `minMs` is that
 * of the successes.
 */
export const latencySchema = z.object({
  count: z.int().min(0),
  meanMs: nullableNumber,
  stddevMs: nullableNumber,
  minMs: nullableNumber,
  p50Ms: nullableNumber,
  p90Ms: nullableNumber,
  p95Ms: nullableNumber,
  p99Ms: nullableNumber,
  p999Ms: nullableNumber,
  maxMs: nullableNumber,
  /** HdrHistogram V2, compressed, base64; nanoseconds, 3 significant digits. Null in figures that
   * were published elsewhere. */
  histogram: z.string().nullable(),
  /** How long the missing requests had waited when they failed or were given up: lower bounds of
   * their latencies, of which `histogram` has none. Null without any. */
  missing: z
    .object({ count: z.int().min(1), histogram: z.string() })
    .nullable()
    .default(null),
  /** Bounds that hold whatever the missing requests would have taken. */
  atLeast: latencyBoundsSchema.nullable().default(null),
  /** Without missing requests, the maximum bounds a percentile that too few samples carry. */
  atMost: latencyBoundsSchema.nullable().default(null),
});

/** One distribution of whole numbers that are no times; percentiles as of latencies. */
export const quantitySchema = z.object({
  count: z.int().min(0),
  mean: nullableNumber,
  min: nullableNumber,
  p50: nullableNumber,
  p90: nullableNumber,
  p95: nullableNumber,
  p99: nullableNumber,
  p999: nullableNumber,
  max: nullableNumber,
});

/**
 * About a second; where a second each would be too many for a file below 1 MB, 2, 4, 8, ... of them,
 * the same in all series of a result. Percentiles are those of all requests that ended in it.
 */
export const intervalSchema = z.object({
  /** Since the start of the measured phase. */
  startSeconds: z.number(),
  durationSeconds: z.number(),
  succeeded: z.int(),
  failed: z.int(),
  /** Service time of the requests that ended in this interval. */
  minMs: nullableNumber.default(null),
  meanMs: nullableNumber,
  p50Ms: nullableNumber,
  p99Ms: nullableNumber,
  maxMs: nullableNumber,
  /** The same from the intended send; null or absent in a closed loop, for the size of the file. */
  responseMinMs: nullableNumber.optional(),
  responseMeanMs: nullableNumber.optional(),
  responseP50Ms: nullableNumber.optional(),
  responseP99Ms: nullableNumber,
  responseMaxMs: nullableNumber.optional(),
  /** Of those figures that are null since requests failed or were given up in this interval. */
  atLeast: z
    .object({
      meanMs: z.number(),
      p50Ms: z.number(),
      p99Ms: z.number(),
      maxMs: z.number(),
      responseMeanMs: z.number(),
      responseP50Ms: z.number(),
      responseP99Ms: z.number(),
      responseMaxMs: z.number(),
    })
    .partial()
    .nullable()
    .default(null),
  /** What reads brought in this interval; null for operations that count no answers. */
  receivedKeys: nullableNumber.default(null),
  receivedBytes: nullableNumber.default(null),
  /** For how long workers of the client paused in it; absent where they did not, for the file's size. */
  clientPausedMs: z.number().optional(),
});

/** The requests that an event touched, or those that none did. */
const eventSideSchema = z.object({
  failed: z.int().min(0),
  serviceTime: latencySchema,
  /** Null in a closed loop. */
  responseTime: latencySchema.nullable(),
});

/** Of failed requests. `code` is a gRPC status name: UNAVAILABLE, DEADLINE_EXCEEDED, ... */
export const errorsSchema = z.array(
  z.object({ code: z.string(), message: z.string(), count: z.int() }),
);

export const operationSchema = z.object({
  /** Unique in a result: `put`, `range-linearizable`, `range-serializable`. */
  name: z.string(),
  durationSeconds: z.number(),
  /** Successes over the measured time, or over the time of the schedule if that is longer. */
  throughputPerSec: nullableNumber,
  requests: z.object({
    /** offered = succeeded + failed + dropped, always. */
    offered: z.int().min(0),
    started: z.int().min(0),
    succeeded: z.int().min(0),
    failed: z.int().min(0),
    /** Due by the schedule, and not sent until the run ended: at most a timeout after the schedule's
     * end. How long each had waited by then is among what is missing in the response time. */
    dropped: z.int().min(0),
    /** Of the dropped: due on agents that were lost, which may have sent them and had answers; of a part, which
     * has no dropped ones, those that may have been of it. Absent: none. */
    unreported: z.int().min(1).optional(),
    /** Sent a second time because the server vouched that it had not processed them (GOAWAY,
     * REFUSED_STREAM); each counts once in the figures above. */
    resent: z.int().min(0),
  }),
  /** Done minus actual send. */
  serviceTime: latencySchema,
  /** Done minus intended send; null in a closed loop. */
  responseTime: latencySchema.nullable(),
  /** Actual send to failure; null without failures. */
  failedTime: latencySchema.nullable(),
  /** The requests that were due or in flight during an event of the plan, and all others; null where
   * there was none. */
  moments: z.object({ during: eventSideSchema, outside: eventSideSchema }).nullable().default(null),
  errors: errorsSchema,
  /** The workload's own counts by name, such as conflicts. */
  counters: z.record(z.string(), z.number()).default({}),
  /**
   * Why the watchers that the counter lostWatchers counts were lost, in etcd's words; of availability, whose
   * watchers are asked for again, why they were cancelled.
   */
  losses: z
    .array(
      z.object({
        cause: z.enum(["cancelled", "stream-ended"]),
        reason: z.string(),
        count: z.int(),
      }),
    )
    .default([]),
  /** Why requests were sent again that the server had not processed, in its words. */
  resends: z.array(z.object({ reason: z.string(), count: z.int() })).default([]),
  /** Distributions of the workload's own by name, with the unit in it, such as lagRevisions. */
  quantities: z.record(z.string(), quantitySchema).default({}),
  /**
   * Keys in the answers of successful reads, and the octets of the messages that they came in,
   * without the framing of gRPC and HTTP/2; null for operations that count no answers.
   */
  received: z
    .object({
      keys: z.number().min(0),
      bytes: z.number().min(0),
      keysPerSec: nullableNumber,
      bytesPerSec: nullableNumber,
    })
    .nullable()
    .default(null),
  /** How evenly the clients got what they contended for; null where they do not contend. */
  fairness: z
    .object({
      contenders: z.int().min(0),
      /** Acquisitions of the client that had the fewest, and of the one that had the most. */
      least: z.int().min(0),
      most: z.int().min(0),
      /** 1 where all had the same; 1 over their number where one had all; null where none had any. */
      jainIndex: nullableNumber,
    })
    .nullable()
    .default(null),
  /** The slowest first, by the clock that the run is judged by; null where none were asked for. */
  slowest: z.array(slowRequestSchema).nullable().default(null),
  intervals: z.array(intervalSchema),
  /** Clients over rate against the measured mean; null for a paced run or one with failures. */
  littlesLaw: z
    .object({ expectedMeanMs: z.number(), measuredMeanMs: z.number(), ratio: z.number() })
    .nullable(),
});

export type OperationResult = z.infer<typeof operationSchema>;
export type Fairness = NonNullable<OperationResult["fairness"]>;
export type Latency = z.infer<typeof latencySchema>;
export type LatencyBounds = z.infer<typeof latencyBoundsSchema>;
export type LatencyFigure = keyof LatencyBounds | "stddevMs" | "minMs";
export type Quantity = z.infer<typeof quantitySchema>;
export type Interval = z.infer<typeof intervalSchema>;
