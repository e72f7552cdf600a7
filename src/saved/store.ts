/** Loads saved results from a file, or from the files of a folder. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";
import { RESULTS_FOLDER } from "../flags/output.ts";
import { findSavedFiles, type SkippedFile, TakenIds } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import { reason } from "../system-error.ts";
import { parseResults } from "./parse.ts";

/** All results of a file. Throws a usage error that names the file and what is wrong. */
export async function loadResults(file: string): Promise<RunResult[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw usageError(`cannot read ${file}: ${reason(cause)}${hintAt(file)}`, cause);
  }
  return parseResults(text, file);
}

/** `bench list` prints names within the folder that it lists. */
function hintAt(file: string): string {
  const listed = path.join(RESULTS_FOLDER, file);
  return !existsSync(file) && existsSync(listed) ? `; did you mean ${listed}?` : "";
}

/** The one result of a file. Throws as `loadResults`, and where the file has several. */
export async function loadResult(file: string): Promise<RunResult> {
  const results = await loadResults(file);
  if (results.length > 1) {
    throw usageError(`${file} has ${results.length} results, and one is expected here`);
  }
  return results[0]!;
}

export interface LoadedFolder {
  results: RunResult[];
  files: string[];
  skipped: SkippedFile[];
}

/**
 * The results of a file, or of all files `*.json` in a folder and below it, each once. Throws a
 * usage error that names a file that is no result, and where there is no result.
 */
export async function loadFolder(target: string): Promise<LoadedFolder> {
  const found = await findSavedFiles(target);
  const files = found?.names.map((name) => path.join(target, name)) ?? [target];
  if (files.length === 0) {
    throw usageError(`${target} has no result in it: no file is named *.json`);
  }
  const taken = new TakenIds();
  const results: RunResult[] = [];
  // One after another: a year of results is more files than a process may have open.
  for (const file of files) results.push(...taken.take(file, await loadResults(file)));
  return { results, files, skipped: [...(found?.skipped ?? []), ...taken.skipped] };
}
