/**
 * Owns the figures that were published elsewhere, kept as results under results/published, and
 * the search for the one that a measured operation may stand beside.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../package-root.ts";
import { type LoadShape, loadShape, sameShape } from "./load-shape.ts";
import { parseResults } from "./parse.ts";
import type { OperationResult, RunResult } from "./schema.ts";

export interface PublishedRow {
  /** In the order of the published tables. */
  position: number;
  result: RunResult;
  operation: OperationResult;
  shape: LoadShape;
}

let loaded: PublishedRow[] | null = null;

/** Every published row, read once, in the order of folder and file names. */
export function publishedRows(): PublishedRow[] {
  loaded ??= readRows(path.join(packageRoot(), "results", "published"));
  return loaded;
}

/** The row with the same operation, sizes, connections, clients, target, members; or null. */
export function findPublished(result: RunResult, operation: OperationResult): PublishedRow | null {
  if (result.origin === "published") return null;
  const shape = loadShape(result, operation);
  return publishedRows().find((row) => sameShape(row.shape, shape)) ?? null;
}

function readRows(folder: string): PublishedRow[] {
  const rows: PublishedRow[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!name.endsWith(".json")) continue;
    const file = path.join(folder, name);
    for (const result of parseResults(readFileSync(file, "utf8"), file)) {
      for (const operation of result.operations) {
        const shape = loadShape(result, operation);
        rows.push({ position: rows.length, result, operation, shape });
      }
    }
  }
  return rows;
}
