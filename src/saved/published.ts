/** The operations of the published results, and the search for the one that a measured operation compares with. */

import type { OperationResult, RunResult } from "../result/schema.ts";
import { type LoadShape, loadShape, sameShape } from "./load-shape.ts";
import { PUBLISHED_RESULTS } from "./published-results.ts";

export interface PublishedRow {
  /** In the order of the published tables. */
  position: number;
  result: RunResult;
  operation: OperationResult;
  shape: LoadShape;
}

let rows: PublishedRow[] | null = null;

/** Every published row, in the order of folder and file names. */
export function publishedRows(): PublishedRow[] {
  rows ??= rowsOf(PUBLISHED_RESULTS);
  return rows;
}

/** The row with the same operation, sizes, connections, clients, target, members; or null. */
export function findPublished(result: RunResult, operation: OperationResult): PublishedRow | null {
  if (result.origin === "published") return null;
  const shape = loadShape(result, operation);
  return publishedRows().find((row) => sameShape(row.shape, shape)) ?? null;
}

function rowsOf(results: readonly RunResult[]): PublishedRow[] {
  const found: PublishedRow[] = [];
  for (const result of results) {
    for (const operation of result.operations) {
      const shape = loadShape(result, operation);
      found.push({ position: found.length, result, operation, shape });
    }
  }
  return found;
}
