/** Selects the operations of a result that are judged: those that had any requests to send. */
import type { OperationResult } from "./schema.ts";

/**
 * A kind of a mix that chance or its weight left out has no figures, and breaks no bound. Where
 * nothing at all was offered, all stay: they have failed.
 */
export function offeredOperations(operations: readonly OperationResult[]): OperationResult[] {
  const offered = operations.filter(({ requests }) => requests.offered !== 0);
  return offered.length > 0 ? offered : [...operations];
}
