/**
 * What the trials of a fault came to: distributions over trials by operation and by where clients were
 * attached, the phases of the recovery, and what happened to the data. Field names are the contract:
 * add freely, rename none without raising `schemaVersion`.
 */
import * as z from "zod";
import { type DocumentKind, parseDocument } from "../result/document.ts";
import { errorsSchema } from "../result/operation-schema.ts";

export const FAILOVER_SCHEMA_VERSION = 1;

const count = z.int().min(0);
const nullableNumber = z.number().nullable();

/** One figure over the trials. Null where no trial has it. */
const distributionSchema = z.object({
  /** In the order of trials; null where a trial does not have it. */
  values: z.array(nullableNumber),
  min: nullableNumber,
  median: nullableNumber,
  /** Null with fewer than ten values. */
  p90: nullableNumber,
  max: nullableNumber,
  /** The true median lies between them with 95% confidence, by order statistics; null below six values. */
  medianLow: nullableNumber,
  medianHigh: nullableNumber,
  /** Values that are lower bounds: the run was over before the window was. */
  atLeast: count,
  /** Those values; not known of earlier reports. */
  lowerBounds: z.array(z.number()).optional(),
  /** The values without the client's own pauses, where it had any: so much is the cluster's at least. */
  withoutPauses: z.array(nullableNumber).optional(),
});

/**
 * Where a client was attached: to the member that the fault was of, to another, or to all. `any`: the
 * fault was of no single member.
 */
const roleSchema = z.enum(["all", "other", "faulted", "any"]);

const serviceRowSchema = z.object({
  operation: z.string(),
  role: roleSchema,
  /** Of several other members the worst in each trial. */
  longestWindowMs: distributionSchema,
  unavailableMs: distributionSchema,
  windows: distributionSchema,
  firstErrorMs: distributionSchema,
  firstSuccessMs: distributionSchema,
  fullRateMs: distributionSchema,
  fullSpeedMs: distributionSchema,
  requestsLost: distributionSchema,
  availabilityPercent: distributionSchema,
});

const controlRowSchema = z.object({
  operation: z.string(),
  runs: count,
  windows: count,
  longestWindowMs: z.number(),
  availabilityPercent: nullableNumber,
});

const timelineSchema = z.object({
  trial: z.number(),
  member: z.string().nullable(),
  /** When the fault began, since the start of the run. */
  faultMs: z.number(),
  /** How long it lasted. */
  lastedMs: nullableNumber,
  leaderElectedMs: nullableNumber,
  groups: z.array(
    z.object({
      operation: z.string(),
      role: roleSchema,
      attachment: z.string(),
      /** From the fault on. */
      windows: z.array(z.object({ fromMs: z.number(), toMs: z.number(), isOpen: z.boolean() })),
    }),
  ),
  /** All operations of clients on all members: the share of good requests in each bin; null where none was due. */
  binMs: z.number(),
  good: z.array(nullableNumber),
});

const thresholdSchema = z.object({
  expression: z.string(),
  /** The worst of the trials; null where it was not measured. */
  actual: nullableNumber,
  outcome: z.enum(["held", "broken", "undecided"]),
  reason: z.string().nullable(),
});

/** What nothing was read or answered for is null; in earlier reports some of it is 0. */
const dataFiguresSchema = z.object({
  /** Whose data was looked at; of none all counts are 0. Not known of earlier reports. */
  runs: count.optional(),
  acknowledged: count,
  lost: nullableNumber,
  inDoubt: count,
  inDoubtApplied: nullableNumber,
  inDoubtNotApplied: nullableNumber,
  inDoubtDiverged: nullableNumber,
  appliedTwice: nullableNumber,
  corrupt: nullableNumber,
  /** Of members whose hash of the keys differs from that of the others; null: not compared. */
  hashesDiffer: nullableNumber,
  linearizableReads: count,
  wentBack: nullableNumber,
  /** Linearizable reads that did not find an acknowledged key. */
  notFound: nullableNumber,
  serializableReads: count,
  stale: nullableNumber,
  longestStaleMs: nullableNumber,
  eventsTwice: nullableNumber,
  eventsOutOfOrder: nullableNumber,
  eventsLost: nullableNumber,
  eventsNotDelivered: nullableNumber,
  leasesExpired: nullableNumber,
  leasesExpiredEarly: nullableNumber,
  twoOwners: nullableNumber,
});

export const failoverReportSchema = z.object({
  kind: z.literal("failover"),
  schemaVersion: z.literal(FAILOVER_SCHEMA_VERSION),
  id: z.string(),
  startedAt: z.string(),
  /** As given, without times. */
  events: z.array(z.string()),
  /** That were planned; `measured` of them have a result. */
  trials: count,
  measured: count,
  controls: count,
  /** Of the first trial's run, in words. */
  describe: z.string(),
  etcd: z.string(),
  /** Null: the load had none. */
  ratePerSec: nullableNumber,
  timeoutMs: z.number(),
  slowMs: nullableNumber,
  rows: z.array(serviceRowSchema),
  control: z.array(controlRowSchema),
  leaderLostMs: distributionSchema,
  leaderElectedMs: distributionSchema,
  firstCommitMs: distributionSchema,
  elections: distributionSchema,
  memberHealthyMs: distributionSchema,
  memberCaughtUpMs: distributionSchema,
  mostEntriesBehind: distributionSchema,
  watchGapMs: distributionSchema,
  watchResumeMs: distributionSchema,
  data: dataFiguresSchema,
  /** Of the controls: what was lost or doubled without a fault. */
  controlData: dataFiguresSchema,
  /** Why requests failed, in trials and in controls; not known of earlier reports. */
  errors: z
    .array(z.object({ operation: z.string(), isControl: z.boolean(), errors: errorsSchema }))
    .optional(),
  timelines: z.array(timelineSchema),
  thresholds: z.array(thresholdSchema),
  verdict: z.object({
    kind: z.enum(["passed", "failed", "incomplete"]),
    reasons: z.array(z.string()),
  }),
  notes: z.array(z.string()),
});

export type Distribution = z.infer<typeof distributionSchema>;
export type Role = z.infer<typeof roleSchema>;
export type ServiceRow = z.infer<typeof serviceRowSchema>;
export type ControlRow = z.infer<typeof controlRowSchema>;
export type TrialTimeline = z.infer<typeof timelineSchema>;
export type FailoverThreshold = z.infer<typeof thresholdSchema>;
export type DataFigures = z.infer<typeof dataFiguresSchema>;
export type FailoverReport = z.infer<typeof failoverReportSchema>;

const FAILOVER: DocumentKind<FailoverReport> = {
  what: "a report of bench failover",
  schemaVersion: FAILOVER_SCHEMA_VERSION,
  schema: failoverReportSchema,
};

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseFailoverReport(data: unknown, file: string): FailoverReport {
  return parseDocument(FAILOVER, data, file);
}
