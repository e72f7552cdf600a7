/** Reads what bench has written as JSON: results, a comparison, a trend, or a report of `bench failover`, `bench doctor` or `bench memory`. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type DoctorReport, parseDoctorReport } from "../doctor/report-schema.ts";
import { usageError } from "../errors.ts";
import { type FailoverReport, parseFailoverReport } from "../failover/report-schema.ts";
import { type MemoryReport, parseMemoryReport } from "../memory/report-schema.ts";
import { parseJson } from "../result/document.ts";
import { findSavedFiles, type SkippedFile, TakenFiles, TakenIds } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import { parseResultData } from "../saved/parse.ts";
import { reason } from "../system-error.ts";
import { kindOf, parseComparison, parseTrend } from "./parse.ts";
import type { Comparison } from "./schema.ts";
import type { Trend } from "./trend/schema.ts";

export type Saved =
  | { kind: "results"; results: RunResult[] }
  | { kind: "comparison"; comparison: Comparison }
  | { kind: "trend"; trend: Trend }
  | { kind: "failover"; report: FailoverReport }
  | { kind: "doctor"; report: DoctorReport }
  | { kind: "memory"; report: MemoryReport };

export interface SavedFile {
  file: string;
  /** From the folder that was named; the file's own name where a file was. */
  name: string;
  saved: Saved;
}

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseSaved(text: string, file: string): Saved {
  const data = parseJson(text, file);
  switch (kindOf(data)) {
    case "comparison":
      return { kind: "comparison", comparison: parseComparison(data, file) };
    case "trend":
      return { kind: "trend", trend: parseTrend(data, file) };
    case "failover":
      return { kind: "failover", report: parseFailoverReport(data, file) };
    case "doctor":
      return { kind: "doctor", report: parseDoctorReport(data, file) };
    case "memory":
      return { kind: "memory", report: parseMemoryReport(data, file) };
    default:
      return { kind: "results", results: parseResultData(data, file) };
  }
}

export interface LoadedSaved {
  files: SavedFile[];
  skipped: SkippedFile[];
}

/**
 * Files, and all that folders and those below them keep, in the order of their names, each result
 * once. @throws BenchError (usage) that names a file that bench has not saved, and a folder with
 * nothing in it
 */
export async function loadSaved(targets: readonly string[]): Promise<LoadedSaved> {
  const files: SavedFile[] = [];
  const skipped: SkippedFile[] = [];
  const takenFiles = new TakenFiles();
  const taken = new TakenIds();
  for (const target of targets) {
    const found = await findSavedFiles(target);
    if (found?.names.length === 0) {
      throw usageError(`${target} has no result in it: no file is named *.json`);
    }
    skipped.push(...(found?.skipped ?? []));
    // One after another: a year of results is more files than a process may have open.
    for (const name of found?.names ?? [path.basename(target)]) {
      const file = found === null ? target : path.join(target, name);
      if (!(await takenFiles.take(file))) continue;
      const saved = withoutTaken(file, await loadFile(file), taken);
      if (saved !== null) files.push({ file, name, saved });
    }
  }
  return { files, skipped: [...skipped, ...takenFiles.skipped, ...taken.skipped] };
}

/** Null where nothing in it is new. */
function withoutTaken(file: string, saved: Saved, taken: TakenIds): Saved | null {
  switch (saved.kind) {
    case "results": {
      const results = taken.take(file, saved.results);
      return results.length === 0 ? null : { kind: "results", results };
    }
    case "comparison":
      return taken.take(file, [saved.comparison]).length === 0 ? null : saved;
    case "trend":
      return taken.take(file, [saved.trend]).length === 0 ? null : saved;
    case "failover":
    case "doctor":
    case "memory":
      return taken.take(file, [saved.report]).length === 0 ? null : saved;
  }
}

async function loadFile(file: string): Promise<Saved> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw usageError(`cannot read ${file}: ${reason(cause)}`, cause);
  });
  return parseSaved(text, file);
}
