/** Says of a result's operations which requests were sent a second time, and why. */
import { formatNoun } from "../text/noun.ts";
import type { OperationResult } from "./schema.ts";

const MOST_REASONS = 3;

/** One sentence for each operation of which requests were sent again. */
export function resentNotes(operations: readonly OperationResult[]): string[] {
  return operations.flatMap(({ name, resends }) => {
    if (resends.length === 0) return [];
    const count = resends.reduce((sum, each) => sum + each.count, 0);
    const reasons = resends.map((each) => `${each.reason} (${each.count})`);
    const further = reasons.length - MOST_REASONS;
    const shown =
      reasons.slice(0, MOST_REASONS).join("; ") +
      (further > 0 ? `; and ${formatNoun(further, "further reason")}` : "");
    const were = count === 1 ? "was" : "were";
    return [
      `${formatNoun(count, `${name} request`)} ${were} sent again, which etcd, or a proxy before it, had not processed: ${shown}.`,
    ];
  });
}
