/**
 * Defines what `bench memory` found: readings of etcd's memory while more and more of one thing is there,
 * and what one of it costs. Field names are the contract: add freely, rename none without raising
 * `schemaVersion`.
 */
import * as z from "zod";
import { type DocumentKind, parseDocument } from "../result/document.ts";
import { environmentSchema } from "../result/schema.ts";
import { THINGS } from "./things.ts";

export const MEMORY_SCHEMA_VERSION = 1;

const nullableNumber = z.number().nullable();

/** What a member says of its own memory. */
const readingSchema = z.object({
  rssBytes: nullableNumber,
  /** Go's heap: allocated objects. After a forced garbage collection, these are live. */
  heapBytes: nullableNumber,
  /** Stacks of goroutines, which the heap does not have. */
  stackBytes: nullableNumber,
  goroutines: nullableNumber,
});

const costSchema = z.object({
  /** Of one, by Theil and Sen's slope. */
  each: z.number(),
  /** The 95% confidence interval; null where there are too few readings. */
  low: nullableNumber,
  high: nullableNumber,
});

const publishedCostSchema = z.object({
  bytes: z.number(),
  /** What was measured there. */
  figure: z.enum(["RSS", "heap"]),
  source: z.string(),
});

const thingCostSchema = z.object({
  thing: z.enum(THINGS),
  /** What one is. */
  describe: z.string(),
  /** The first is taken when some are there already, so that what is made once does not count. */
  readings: z.array(
    readingSchema.extend({
      /** How many more than at the first reading. */
      added: z.int(),
    }),
  ),
  /** Null where the member does not tell it. */
  rssBytes: costSchema.nullable(),
  heapBytes: costSchema.nullable(),
  stackBytes: costSchema.nullable(),
  goroutines: costSchema.nullable(),
  published: publishedCostSchema.nullable(),
});

/** A row of a published table, and what the costs measured here make of it. */
const publishedRowSchema = z.object({
  table: z.enum(["watchers", "storage", "index"]),
  counts: z.record(z.string(), z.number()),
  publishedBytes: nullableNumber,
  /** By the slopes; null where one is not known, or its interval reaches 0. */
  estimatedBytes: nullableNumber,
});

const memoryReportSchema = z.object({
  kind: z.literal("memory"),
  schemaVersion: z.literal(MEMORY_SCHEMA_VERSION),
  id: z.string(),
  startedAt: z.string(),
  durationSeconds: z.number(),
  status: z.enum(["complete", "interrupted"]),
  /** The member that was measured. */
  endpoint: z.string(),
  etcdVersion: z.string().nullable(),
  /** A temporary etcd that only bench uses. */
  isLocal: z.boolean(),
  /** Garbage was collected before each reading. */
  hasForcedCollection: z.boolean(),
  keySizeBytes: z.int(),
  valSizeBytes: z.int(),
  /** Before anything was added. */
  base: readingSchema,
  things: z.array(thingCostSchema),
  published: z.array(publishedRowSchema),
  environment: environmentSchema,
  notes: z.array(z.string()),
});

export type MemoryReading = z.infer<typeof readingSchema>;
export type Cost = z.infer<typeof costSchema>;
export type PublishedCost = z.infer<typeof publishedCostSchema>;
export type ThingCost = z.infer<typeof thingCostSchema>;
export type CountedReading = ThingCost["readings"][number];
export type PublishedRow = z.infer<typeof publishedRowSchema>;
export type MemoryReport = z.infer<typeof memoryReportSchema>;

const MEMORY: DocumentKind<MemoryReport> = {
  what: "a report of bench memory",
  schemaVersion: MEMORY_SCHEMA_VERSION,
  schema: memoryReportSchema,
};

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseMemoryReport(data: unknown, file: string): MemoryReport {
  return parseDocument(MEMORY, data, file);
}
