/** Saves a result in a folder, under a name that sorts by time. */
import path from "node:path";
import { makeFolder, writeFileAtomically } from "./atomic-file.ts";
import { jsonText } from "./json-text.ts";
import type { RunResult } from "./schema.ts";

/** Sorts by time: `20260801T101112Z-put-mfy3k2a1x9k2.json`. */
export function resultFileName(result: RunResult): string {
  const started = result.startedAt.replace(/\.\d+/, "").replace(/[-:]/g, "");
  return `${started}-${result.plan.workload.kind}-${result.id}.json`;
}

/**
 * Saves into `dir`, which is made where it is missing, and gives the path of the file. Throws a
 * usage error that names the folder or file; the result itself is untouched and can still be printed.
 */
export async function saveResult(dir: string, result: RunResult): Promise<string> {
  const file = path.join(dir, resultFileName(result));
  await makeFolder(dir);
  await writeFileAtomically(file, jsonText(result));
  return file;
}
