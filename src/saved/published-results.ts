/**
 * The results that were published elsewhere, as plain data. Unbundled, their files are read and parsed
 * when this module is loaded; the bundle holds the data instead of this code.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../package-root.ts";
import type { RunResult } from "../result/schema.ts";
import { parseResults } from "./parse.ts";

/** In the order of folder and file names. */
export const PUBLISHED_RESULTS: readonly RunResult[] = readPublished(
  path.join(packageRoot(), "results", "published"),
);

function readPublished(folder: string): RunResult[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".json")).sort();
  return files.flatMap((name) => {
    const file = path.join(folder, name);
    return parseResults(readFileSync(file, "utf8"), file);
  });
}
