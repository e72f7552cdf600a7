/** Owns what a report says of locks and elections: the load's words, and how fair the order was. */

import type { ElectionWorkload } from "../../plan/workload/election-schema.ts";
import type { LockWorkload } from "../../plan/workload/lock-schema.ts";
import type { Fairness, OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatCount, formatDuration } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";

interface FairnessRow {
  run: LabelledRun;
  operation: OperationResult;
  fairness: Fairness;
}

export function describeLock({ locker, locks, holdMs, ttlSeconds }: LockWorkload): string {
  return [`lock (${locker}) of ${formatNoun(locks, "name")}`, ...terms(holdMs, ttlSeconds)].join(
    ", ",
  );
}

export function describeElection(workload: ElectionWorkload): string {
  const { elections, proclaims, holdMs, ttlSeconds } = workload;
  return [
    `election of ${formatNoun(elections, "name")}`,
    ...(proclaims > 0 ? [`${formatNoun(proclaims, "proclamation")} a leader`] : []),
    ...terms(holdMs, ttlSeconds),
  ].join(", ");
}

function terms(holdMs: number, ttlSeconds: number): string[] {
  const held = holdMs > 0 ? `held for ${formatDuration(holdMs)}` : "given back at once";
  return [held, `sessions of TTL ${ttlSeconds} s`];
}

/** Null where no clients contended. */
export function fairnessSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap((run) =>
    run.result.operations.flatMap((operation): FairnessRow[] =>
      operation.fairness === null ? [] : [{ run, operation, fairness: operation.fairness }],
    ),
  );
  if (rows.length === 0) return null;
  const columns: Column<FairnessRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ operation }) => operation.name },
    { header: ["clients"], cell: ({ fairness }) => formatCount(fairness.contenders) },
    { header: ["fewest", "of one"], cell: ({ fairness }) => formatCount(fairness.least) },
    { header: ["most", "of one"], cell: ({ fairness }) => formatCount(fairness.most) },
    { header: ["Jain's", "index"], cell: ({ fairness }) => fairness.jainIndex?.toFixed(3) ?? "-" },
    { header: ["order"], align: "left", cell: ({ operation }) => describeOrder(operation) },
  ];
  return tableSection("Fairness", columns, rows);
}

/** By the creation of the owners' keys. */
function describeOrder({ counters }: OperationResult): string {
  const checked = counters.orderChecked ?? 0;
  if (checked === 0) return "not checked";
  const outOfOrder = counters.outOfOrder ?? 0;
  const among = `of ${formatCount(checked)} checked`;
  return outOfOrder === 0
    ? `first come, first served (all ${among})`
    : `${formatCount(outOfOrder)} ${among} out of turn`;
}
