/**
 * Defines Comparison: how two sides compare, as versioned plain data like a RunResult. compare/ makes
 * it, report/ shows it, a trend is a series of it. Field names are the contract: add freely, rename
 * none without raising `schemaVersion`. A figure that could not be had is null.
 */
import * as z from "zod";

export const COMPARISON_SCHEMA_VERSION = 1;

const nullableNumber = z.number().nullable();

export const metricNameSchema = z.enum([
  "throughput",
  "mean",
  "p50",
  "p90",
  "p99",
  "p999",
  "etcd-cpu",
  "etcd-rss",
  "unavailable",
  "unavailable-total",
  "full-rate",
  "elected",
  "first-commit",
  "caught-up",
  "lost-writes",
  "doubled-writes",
  "backward-reads",
  "lost-events",
  "doubled-events",
  "early-leases",
  "two-owners",
]);

/** Of the metric: more than the least effect worse or better, surely within it, or not known. */
export const metricVerdictSchema = z.enum([
  "slower",
  "faster",
  "no-change",
  "undecided",
  "invalid",
]);

const intervalSchema = z.object({ low: z.number(), high: z.number() });

/** Of a median that requests without a latency could change. */
const boundsSchema = z
  .object({ atLeast: nullableNumber, atMost: nullableNumber })
  .nullable()
  .default(null);

export const metricComparisonSchema = z.object({
  /** As the results name it; `etcd` for what its members cost. */
  operation: z.string(),
  metric: metricNameSchema,
  unit: z.enum(["per-second", "ms", "microseconds-per-request", "bytes", "count"]),
  better: z.enum(["higher", "lower"]),
  /** Of a latency: what it counts from, `both` where not all runs have the same; null for other figures,
   * and in files of before it was kept. */
  clock: z.enum(["response", "service", "both"]).nullable().default(null),
  /** The operation is what the load comes to as a whole, and no part of another. */
  standsForLoad: z.boolean().default(true),
  /** Declared before: its verdict makes the comparison's. */
  isGate: z.boolean(),
  /** Medians over the runs of each side. */
  base: nullableNumber,
  head: nullableNumber,
  /** What is known of a median that is null, since requests of its side failed or were dropped. */
  baseBounds: boundsSchema,
  headBounds: boundsSchema,
  /** Why some runs do not have the figure, where missing requests are the reason: it is judged by its
   * bounds, and its ratio, intervals and `pairs` are null or of the other runs. Null: all have it. */
  notKnown: z.string().nullable().default(null),
  /** Head over base: the typical paired ratio (Hodges-Lehmann), or of the medians without pairs. */
  ratio: nullableNumber,
  interval90: intervalSchema.nullable(),
  interval95: intervalSchema.nullable(),
  /** Exact signed-rank test, two-sided; null without pairs. */
  pValue: nullableNumber,
  /** By Holm over all gates, by Benjamini and Hochberg over all others. */
  adjustedPValue: nullableNumber,
  /** Fractions: 0.03 is 3%. The least effect of interest, and the one that so many pairs with this noise
   * call slower or faster in four of five experiments. */
  leastEffect: z.number(),
  detectableEffect: nullableNumber,
  /** Standard deviation of one run against another of its kind, a fraction. */
  noise: nullableNumber,
  /** Null where nothing is judged, since there are no pairs. What must be 0 is judged without them. */
  verdict: metricVerdictSchema.nullable(),
  reason: z.string().nullable(),
  pairs: z.array(z.object({ base: z.number(), head: z.number() })),
});

/** `pairs`: interleaved runs; `single`: one run a side; `apart`: several, but not interleaved. */
export const designSchema = z.enum(["pairs", "single", "apart"]);

export const cellComparisonSchema = z.object({
  /** The load of both sides. */
  name: z.string(),
  /** Of its workload; null in files of before it was kept. */
  kind: z.string().nullable().default(null),
  design: designSchema,
  pairs: z.int().min(0),
  /** Why nothing of the cell can be judged; empty where it can. */
  invalid: z.array(z.string()),
  metrics: z.array(metricComparisonSchema),
});

export const comparedSideSchema = z.object({
  /** A folder, a file, or what makes the side what it is. */
  label: z.string(),
  etcdVersions: z.array(z.string()),
  resultIds: z.array(z.string()),
  /** What all runs of the side were labelled with alike. */
  labels: z.record(z.string(), z.string()).default({}),
});

export const comparisonSchema = z.object({
  kind: z.literal("comparison"),
  schemaVersion: z.literal(COMPARISON_SCHEMA_VERSION),
  id: z.string(),
  /** When the first run began: ISO 8601, UTC. */
  startedAt: z.string(),
  status: z.enum(["complete", "interrupted"]),
  /** The same against itself: what is found is the noise of the machine. */
  isCanary: z.boolean(),
  labels: z.record(z.string(), z.string()),
  base: comparedSideSchema,
  head: comparedSideSchema,
  /** Machine and Node, in words; several where the runs were not all on one. */
  hosts: z.array(z.string()),
  /** A note tells how far other work, or the system, kept a machine from a run. */
  isMachineBusy: z.boolean().default(false),
  /** Those of the notes that tell on what else than the load and the machine figures depend. */
  around: z.array(z.string()).default([]),
  cells: z.array(cellComparisonSchema),
  verdict: z.object({ kind: metricVerdictSchema, reasons: z.array(z.string()) }),
  notes: z.array(z.string()),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type CellComparison = z.infer<typeof cellComparisonSchema>;
export type MetricComparison = z.infer<typeof metricComparisonSchema>;
export type MetricName = z.infer<typeof metricNameSchema>;
export type MetricVerdict = z.infer<typeof metricVerdictSchema>;
export type ComparedSide = z.infer<typeof comparedSideSchema>;
