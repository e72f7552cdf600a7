/** Tells saved comparisons and trends from other JSON, and reads them. */
import { type DocumentKind, parseDocument } from "../result/document.ts";
import { COMPARISON_SCHEMA_VERSION, type Comparison, comparisonSchema } from "./schema.ts";
import { TREND_SCHEMA_VERSION, type Trend, trendSchema } from "./trend/schema.ts";

const COMPARISON: DocumentKind<Comparison> = {
  what: "a comparison of bench",
  schemaVersion: COMPARISON_SCHEMA_VERSION,
  schema: comparisonSchema,
};
const TREND: DocumentKind<Trend> = {
  what: "a trend of bench",
  schemaVersion: TREND_SCHEMA_VERSION,
  schema: trendSchema,
};

/** What parsed JSON says of itself that it is, sound or not; undefined: nothing. */
export function kindOf(data: unknown): unknown {
  return (data as { kind?: unknown } | null)?.kind;
}

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseComparison(data: unknown, file: string): Comparison {
  return parseDocument(COMPARISON, data, file);
}

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseTrend(data: unknown, file: string): Trend {
  return parseDocument(TREND, data, file);
}
