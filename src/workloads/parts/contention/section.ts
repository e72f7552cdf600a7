/** The section on locks and elections: how fair the order of owners was. */

import type { Fairness, OperationResult } from "../../../result/schema.ts";
import type { Column } from "../../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../../tables/labels.ts";
import { formatCount } from "../../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../../tables/table-section.ts";

interface FairnessRow {
  run: LabelledRun;
  operation: OperationResult;
  fairness: Fairness;
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
