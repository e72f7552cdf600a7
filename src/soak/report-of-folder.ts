/** The report of all that a soak's folder keeps. */
import type { RunResult } from "../result/schema.ts";
import { initHistograms } from "../stats/histogram.ts";
import {
  isSoakFolder,
  readSoakManifest,
  readSoakResults,
  readSoakRows,
  type SoakManifest,
} from "./folder.ts";
import { soakReport } from "./report.ts";
import type { SoakReport } from "./report-schema.ts";
import type { SoakRow } from "./row-schema.ts";

/** What could not be written to the folder. */
export interface Unwritten {
  rows: readonly SoakRow[];
  results: readonly RunResult[];
}

/** @throws BenchError (usage) that names a file that is damaged */
export async function readSoakReport(folder: string): Promise<SoakReport> {
  return soakReportOf(await readSoakManifest(folder), folder, { rows: [], results: [] });
}

/** The same where the last rows and the last result may be in memory alone. */
export async function soakReportOf(
  manifest: SoakManifest,
  folder: string,
  unwritten: Unwritten,
): Promise<SoakReport> {
  await initHistograms();
  const hasFolder = await isSoakFolder(folder);
  const kept = hasFolder ? await readSoakRows(folder) : [];
  const saved = hasFolder ? await readSoakResults(folder) : [];
  const known = new Set(saved.map(({ id }) => id));
  const { id, startedAt, describe, everyMs, durationMs, maxErrorRate } = manifest;
  return soakReport({
    ...{ id, startedAt, describe, everyMs, plannedMs: durationMs, maxErrorRate },
    rows: [...kept, ...unwritten.rows],
    results: [...saved, ...unwritten.results.filter((each) => !known.has(each.id))],
  });
}
