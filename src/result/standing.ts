/**
 * Owns which operations of a result stand for its load as a whole. The others set it up, are parts of
 * it, or look on.
 */
import { offeredOperations } from "./offered.ts";
import type { OperationResult, RunResult } from "./schema.ts";

/** Of loads that have no series of all: what sets them up, counts a part again, or only looks on. */
const BESIDE_THE_LOAD =
  /^(watch-create|watch-delivery-after-ack|staleness-read-.*|range-(linearizable|serializable)-page)$/;

/** `names` are all that the results have. */
export function standsForLoad(name: string, kind: string, names: readonly string[]): boolean {
  return names.includes(kind) ? name === kind : !BESIDE_THE_LOAD.test(name);
}

/** One at least, in the order of the result. */
export function standingOperations({ operations, plan }: RunResult): OperationResult[] {
  const offered = offeredOperations(operations);
  const names = offered.map(({ name }) => name);
  const standing = offered.filter(({ name }) => standsForLoad(name, plan.workload.kind, names));
  // Of a run that broke off while it was set up there is nothing else.
  return standing.length > 0 ? standing : offered;
}
