/** Owns which operations of a result are judged: those that anything was offered to. */
import type { OperationResult } from "./schema.ts";

/**
 * A kind of a mix that chance or its weight left out has no figures, and breaks no bound. Where
 * nothing at all was offered, all stay: they have failed.
 */
export function offeredOperations(operations: readonly OperationResult[]): OperationResult[] {
  const offered = operations.filter(({ requests }) => requests.offered !== 0);
  return offered.length > 0 ? offered : [...operations];
}
