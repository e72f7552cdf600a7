/** Owns which files of a folder are taken for what bench has saved. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";
import { reason } from "../system-error.ts";

/** In the folder of a suite's results: says which runs there are, and is none itself. */
export const SUITE_MANIFEST = "suite.json";

/**
 * All `*.json` in the folder and below it, a suite's manifest aside, from the folder and in the order
 * of their names; null for what is no folder. @throws BenchError (usage) that names it
 */
export async function savedFileNames(target: string): Promise<string[] | null> {
  try {
    if (!(await stat(target)).isDirectory()) return null;
    const names = await readdir(target, { recursive: true });
    return names
      .filter((name) => name.endsWith(".json") && path.basename(name) !== SUITE_MANIFEST)
      .sort();
  } catch (cause) {
    throw usageError(`cannot read ${target}: ${reason(cause)}`, cause);
  }
}
