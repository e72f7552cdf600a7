/** Adds the rows of a soak up and judges it. */

import { judgedClock, judgedLatency } from "../result/judged-latency.ts";
import { brokenLawTexts } from "../result/law-words.ts";
import type { RunResult } from "../result/schema.ts";
import { unlikeNotes } from "../result/unlike-runs.ts";
import { sumOfErrors } from "../stats/distinct-counts.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import { toLatency } from "../stats/latency.ts";
import { capitalised } from "../text/capitalised.ts";
import { driftsOf } from "./drift.ts";
import {
  type Drift,
  SOAK_SCHEMA_VERSION,
  type SoakReport,
  type SoakTotal,
} from "./report-schema.ts";
import { secondsOf } from "./row-rates.ts";
import type { SoakRow, SoakRowSeries } from "./row-schema.ts";
import { invalidReason, missedSegmentsNote, unknownReason, verdictOf } from "./verdict.ts";

export interface Soak {
  id: string;
  startedAt: string;
  describe: string;
  everyMs: number;
  plannedMs: number;
  /** Share of failed requests above which it has failed. */
  maxErrorRate: number;
  rows: readonly SoakRow[];
  /** Of the segments that came to their end. */
  results: readonly RunResult[];
}

/** Histograms must be initialised. */
export function soakReport(soak: Soak): SoakReport {
  const { id, startedAt, describe, everyMs, plannedMs, rows } = soak;
  const totals = totalsOf(rows);
  const drifts = driftsOf(rows);
  const { maxErrorRate, results } = soak;
  const verdict = verdictOf({ maxErrorRate, totals, drifts, results });
  return {
    kind: "soak",
    schemaVersion: SOAK_SCHEMA_VERSION,
    ...{ id, startedAt, describe, everyMs, plannedMs },
    measuredMs: rows.reduce((sum, row) => sum + row.durationSeconds, 0) * 1000,
    segments: segmentsOf(rows),
    totals,
    rows: [...rows],
    drifts,
    verdict,
    notes: notesOn(soak, drifts, verdict),
  };
}

function notesOn(
  { results, rows }: Soak,
  drifts: readonly Drift[],
  verdict: SoakReport["verdict"],
): string[] {
  const notes = new Set(results.flatMap((result) => result.notes));
  for (const drift of drifts.filter(({ boundedRows }) => boundedRows > 0)) {
    const { outcome, subject, figure, rows, boundedRows, boundedBy } = drift;
    if (outcome === "unknown") {
      const reason = unknownReason(drift);
      if (!verdict.reasons.includes(reason)) notes.add(`${capitalised(reason)}.`);
    } else {
      notes.add(
        `Of the ${figure} of ${subject} only bounds are known in ${boundedRows} of ${rows} rows: ${boundedBy}.`,
      );
    }
  }
  for (const result of results) {
    // One with errors may be short of its rate, too: its reasons hold all.
    for (const reason of invalidReason(result, verdict.reasons))
      notes.add(`${capitalised(reason)}.`);
  }
  for (const note of unlikeNotes(results, "segments")) notes.add(note);
  for (const law of brokenLawTexts(results, { what: "segment" })) notes.add(law);
  const missed = missedSegmentsNote(results, segmentsOf(rows));
  if (missed !== null) notes.add(missed);
  if (drifts.some(({ figure, outcome }) => figure === "db size" && outcome === "drifting")) {
    notes.add(
      "etcd keeps old revisions until it is compacted: a database that grows under puts is what etcd does without compaction (--compact-interval compacts it).",
    );
  }
  return [...notes];
}

function segmentsOf(rows: readonly SoakRow[]): number {
  return new Set(rows.map(({ segment }) => segment)).size;
}

function totalsOf(rows: readonly SoakRow[]): SoakTotal[] {
  const byName = new Map<string, { parts: SoakRowSeries[]; seconds: number }>();
  for (const row of rows) {
    for (const series of row.series) {
      const { parts, seconds } = byName.get(series.name) ?? { parts: [], seconds: 0 };
      parts.push(series);
      byName.set(series.name, { parts, seconds: seconds + secondsOf(series, row) });
    }
  }
  return [...byName].map(([name, { parts, seconds }]) => {
    const succeeded = parts.reduce((sum, part) => sum + part.succeeded, 0);
    return {
      name,
      succeeded,
      failed: parts.reduce((sum, part) => sum + part.failed, 0),
      errors: sumOfErrors(parts.flatMap((part) => part.errors ?? [])),
      perSec: seconds > 0 ? succeeded / seconds : null,
      clock: judgedClock(parts[0]!),
      latency: latencyOfAll(parts),
    };
  });
}

function latencyOfAll(parts: readonly SoakRowSeries[]) {
  const all = new LatencyHistogram();
  const missing = new LatencyHistogram();
  try {
    for (const part of parts) {
      const latency = judgedLatency(part);
      addText(all, latency.histogram);
      addText(missing, latency.missing?.histogram ?? null);
    }
    return toLatency(all, missing);
  } finally {
    all.destroy();
    missing.destroy();
  }
}

function addText(sum: LatencyHistogram, text: string | null): void {
  if (text === null) return;
  const histogram = LatencyHistogram.fromBase64(text);
  sum.add(histogram);
  histogram.destroy();
}
