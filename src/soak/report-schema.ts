/**
 * What a soak came to: its rows, which of its figures drift, and the verdict. Field names are the contract:
 * add freely, rename none without raising `schemaVersion`.
 */
import type { Latency, OperationResult } from "../result/schema.ts";
import type { SoakRow } from "./row-schema.ts";

export const SOAK_SCHEMA_VERSION = 1;

export type DriftUnit = "bytes" | "files" | "ms" | "percent";

/**
 * `drifting`: it rises all along, by more than matters. `falling`: the same downwards, which is no fault.
 * `settling`: it rose at first and hardly any more. `too-few`: there are not enough rows to tell.
 * `unknown`: requests without a latency could make it rise, or not.
 */
export type DriftOutcome = "steady" | "drifting" | "falling" | "settling" | "too-few" | "unknown";

export interface Drift {
  /** `client`, or a member's name, or a series. */
  subject: string;
  /** `RSS`, `open files`, `db size`, `p99 of the response time`, ... */
  figure: string;
  unit: DriftUnit;
  /** Rows that were looked at: without those of the beginning of each segment. */
  rows: number;
  /** Those of them whose figure is only bounded, since requests failed or were not sent. The figure drifts
   * if it does so at these bounds: median, slope and rise are at least so much, or null where nothing is
   * proven. */
  boundedRows: number;
  /** A clause for these rows: `requests failed`. Null without any. */
  boundedBy: string | null;
  /** In the middle of these rows. */
  median: number | null;
  /** Theil and Sen's slope. */
  perHour: number | null;
  /** What the slope makes of all the time that was looked at, and over the median. */
  rise: number | null;
  riseShare: number | null;
  /** Of Mann and Kendall's test, adjusted for all figures of the soak (Holm). */
  pValue: number | null;
  /** The rise below which the figure does not drift. */
  least: number | null;
  outcome: DriftOutcome;
}

/** One series over the whole soak. */
export interface SoakTotal {
  name: string;
  succeeded: number;
  failed: number;
  /** Of the failed ones, the most frequent first; rows of an earlier bench have none. */
  errors: OperationResult["errors"];
  perSec: number | null;
  clock: "response" | "service";
  latency: Latency;
}

export interface SoakReport {
  kind: "soak";
  schemaVersion: typeof SOAK_SCHEMA_VERSION;
  id: string;
  startedAt: string;
  /** What was offered, in words. */
  describe: string;
  everyMs: number;
  plannedMs: number;
  measuredMs: number;
  segments: number;
  totals: SoakTotal[];
  rows: SoakRow[];
  drifts: Drift[];
  verdict: { kind: "steady" | "drifting" | "undecided" | "failed"; reasons: string[] };
  notes: string[];
}
