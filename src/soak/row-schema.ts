/**
 * A row of a soak: what one stretch of it, ten minutes as a rule, measured. Rows are written as they end,
 * a line of JSON each. Field names are the contract: add freely, rename none without raising
 * `schemaVersion` of the soak. A figure that could not be had is null, never 0.
 */
import * as z from "zod";
import { errorsSchema, latencySchema } from "../result/operation-schema.ts";

const nullableNumber = z.number().nullable();

export const soakRowSchema = z.object({
  /** From 1, over all segments. */
  row: z.int().min(1),
  /** From 1: a soak that was broken off and resumed has several. */
  segment: z.int().min(1),
  /** ISO 8601, UTC: when its first second began. */
  startedAt: z.iso.datetime(),
  /** Since the start of the segment's load. */
  atSeconds: z.number(),
  durationSeconds: z.number(),
  series: z.array(
    z.object({
      /** As results name it. */
      name: z.string(),
      succeeded: z.int().min(0),
      failed: z.int().min(0),
      /** How much of the row it was offered for: operations may take turns. Absent in older files: not known. */
      durationSeconds: z.number().optional(),
      /** Of the failed ones, the most frequent first; absent without any. */
      errors: errorsSchema.optional(),
      serviceTime: latencySchema,
      /** Null without a schedule. */
      responseTime: latencySchema.nullable(),
    }),
  ),
  client: z.object({
    /** Mean of the readings. */
    rssBytes: nullableNumber,
    openFiles: nullableNumber,
    /** For how long workers paused in it; absent where they did not. */
    pausedMs: z.number().optional(),
  }),
  members: z.array(
    z.object({
      name: z.string(),
      /** Mean of the readings. */
      rssBytes: nullableNumber,
      /** At the end of the row, as are the sizes. */
      openFiles: nullableNumber,
      dbSizeBytes: nullableNumber,
      dbInUseBytes: nullableNumber,
      /** Of one core. */
      cpuPercent: nullableNumber,
      /** From etcd's buckets, linear within one. */
      walFsyncP99Ms: nullableNumber,
      backendCommitP99Ms: nullableNumber,
    }),
  ),
});

export type SoakRow = z.infer<typeof soakRowSchema>;
export type SoakRowSeries = SoakRow["series"][number];
