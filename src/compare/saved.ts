/** Owns reading what bench has written as JSON, whatever it is: results, a comparison, a trend. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";
import { parseJson } from "../result/document.ts";
import { parseResultData } from "../result/parse.ts";
import { savedFileNames } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import { reason } from "../system-error.ts";
import { kindOf, parseComparison, parseTrend } from "./parse.ts";
import type { Comparison } from "./schema.ts";
import type { Trend } from "./trend/schema.ts";

export type Saved =
  | { kind: "results"; results: RunResult[] }
  | { kind: "comparison"; comparison: Comparison }
  | { kind: "trend"; trend: Trend };

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
    default:
      return { kind: "results", results: parseResultData(data, file) };
  }
}

/**
 * A file, or all that a folder and those below it keep, in the order of their names. @throws BenchError (usage) that names what cannot be read, and where there is nothing
 */
export async function loadSaved(target: string): Promise<SavedFile[]> {
  const names = await savedFileNames(target);
  if (names === null) {
    return [{ file: target, name: path.basename(target), saved: await loadFile(target) }];
  }
  if (names.length === 0) {
    throw usageError(`${target} has no result in it: no file is named *.json`);
  }
  const loaded: SavedFile[] = [];
  // One after another: a year of nights is more files than a process may have open.
  for (const name of names) {
    const file = path.join(target, name);
    loaded.push({ file, name, saved: await loadFile(file) });
  }
  return loaded;
}

async function loadFile(file: string): Promise<Saved> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw usageError(`cannot read ${file}: ${reason(cause)}`, cause);
  });
  return parseSaved(text, file);
}
