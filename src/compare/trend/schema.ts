/**
 * Defines Trend: a series of points, each a comparison of the head with a pinned reference, as
 * versioned plain data like a Comparison. Field names are the contract: add freely, rename none
 * without raising `schemaVersion`. So a point's name is the field `night`, and the number of points is
 * `nights`. A figure that could not be had is null.
 */
import * as z from "zod";
import { metricComparisonSchema, metricNameSchema } from "../schema.ts";

export const TREND_SCHEMA_VERSION = 1;

/** Points of one host and Node against one reference: only these are compared with each other. */
export const trendSegmentSchema = z.object({
  host: z.string(),
  reference: z.string(),
  /** The names of the first and the last point. */
  firstNight: z.string(),
  lastNight: z.string(),
  /** The number of points. */
  nights: z.int().min(1),
  /** Has the newest point of all: only this segment may alarm. */
  isNewest: z.boolean(),
});

export const trendPointSchema = z.object({
  /** The point's name. */
  night: z.string(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  /** What the head was labelled with; null without such a label. */
  commit: z.string().nullable(),
  comparisonId: z.string(),
  /** Medians of the point's runs, for information; nothing is judged by them. */
  base: z.number(),
  head: z.number(),
  /** Head over base. */
  ratio: z.number(),
  /** Alone far from the points around it: kept out of every level and change. */
  isOutlier: z.boolean(),
});

/** Points that do not have a figure which others of the segment have, or which is a gate. */
export const trendGapSchema = z.object({
  /** Index into `segments`. */
  segment: z.int().min(0),
  cell: z.string(),
  operation: z.string(),
  metric: metricNameSchema,
  isGate: z.boolean(),
  /** The names of the points, in the order of time. */
  nights: z.array(z.string()).min(1),
  /** The newest point of the segment is one of them. */
  isNewest: z.boolean(),
  /** Of the last of them: `p99 of put is not known for 8 of 8 runs of head: requests failed`. Null: its
   * comparison does not say, as those of earlier versions. */
  reason: z.string().nullable(),
});

export const trendChangeSchema = z.object({
  /** Index of the first point after the change, and those that hold it with a likelihood of 95%. */
  at: z.int().min(0),
  earliest: z.int().min(0),
  latest: z.int().min(0),
  /** Of the level after it over the one before: 1.1 is a tenth more. */
  effect: z.number(),
  direction: z.enum(["slower", "faster"]),
  pValue: z.number(),
  /** Proven; else worth watching, and no level changes by it. */
  isReported: z.boolean(),
});

export const trendSeriesSchema = z.object({
  /** Index into `segments`. */
  segment: z.int().min(0),
  /** The load, as comparisons name it. */
  cell: z.string(),
  operation: z.string(),
  metric: metricNameSchema,
  unit: metricComparisonSchema.shape.unit,
  better: metricComparisonSchema.shape.better,
  clock: metricComparisonSchema.shape.clock,
  /** May alarm, in the newest segment. */
  isGate: z.boolean(),
  /** Why a metric that was named as a gate is none here. */
  reason: z.string().nullable(),
  /** A fraction: smaller changes are dropped. */
  leastEffect: z.number(),
  /** In the order of time. */
  points: z.array(trendPointSchema).min(1),
  /** The typical ratio between two changes: points `from` up to, not with, `to`. */
  levels: z.array(z.object({ from: z.int(), to: z.int(), ratio: z.number() })).min(1),
  changes: z.array(trendChangeSchema),
  /** The newest point is far out; the next one shows whether it is an outlier or a change. If the one
   * before it is not far out too, it counts in no level until then. */
  isNewestFar: z.boolean(),
  /** Now worse than it was at its best, by the least effect or more; null where it is not. */
  alarm: z
    .object({
      /** Of the newest level over the best one. */
      effect: z.number(),
      /** Of the change that ended the best level. */
      at: z.int(),
    })
    .nullable(),
});

export const trendSchema = z.object({
  kind: z.literal("trend"),
  schemaVersion: z.literal(TREND_SCHEMA_VERSION),
  id: z.string(),
  /** The folder, as it was named. */
  source: z.string(),
  /** When the first and the last point began: ISO 8601, UTC. */
  startedAt: z.string(),
  endedAt: z.string(),
  /** The number of points; comparisons of one name and of different loads are one point. */
  nights: z.int().min(1),
  /** In the order of their first points. */
  segments: z.array(trendSegmentSchema).min(1),
  series: z.array(trendSeriesSchema).min(1),
  gaps: z.array(trendGapSchema).default([]),
  /** Points, or results, that are no part of the series. */
  leftOut: z.array(z.object({ what: z.string(), reason: z.string() })),
  /** `too-few`: the newest segment is too short to prove anything. `undecided`: the newest point does
   * not have the figure of a gate. */
  verdict: z.object({
    kind: z.enum(["alarm", "quiet", "too-few", "undecided"]),
    reasons: z.array(z.string()),
  }),
  notes: z.array(z.string()),
});

export type Trend = z.infer<typeof trendSchema>;
export type TrendSegment = z.infer<typeof trendSegmentSchema>;
export type TrendSeries = z.infer<typeof trendSeriesSchema>;
export type TrendPoint = z.infer<typeof trendPointSchema>;
export type TrendGap = z.infer<typeof trendGapSchema>;
export type TrendChange = z.infer<typeof trendChangeSchema>;
