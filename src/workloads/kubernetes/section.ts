/** The section on kubernetes: how far the mix of requests and the conflicts came out as planned. */

import type { RunResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatCount } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { exactPercent } from "./exact-percent.ts";
import type { KubernetesKind } from "./kinds.ts";
import { CONTENDED_KINDS } from "./request-mix.ts";
import type { KubernetesWorkload } from "./schema.ts";

interface KindRow {
  run: LabelledRun;
  kind: KubernetesKind;
  ended: number;
  /** Of all requests of the mix. */
  share: number;
  plannedShare: number;
  /** Null where there is one writer alone. */
  conflicts: number | null;
  conflictRate: number | null;
  plannedConflictRate: number | null;
}

/** Null without a run of it. */
export function kubernetesSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap(rowsOf);
  if (rows.length === 0) return null;
  const columns: Column<KindRow>[] = [
    ...labelColumns(runs),
    { header: ["Request"], align: "left", cell: ({ kind }) => kind },
    { header: ["number"], cell: ({ ended }) => formatCount(ended) },
    { header: ["share"], cell: ({ share }) => exactPercent(share) },
    { header: ["as", "planned"], cell: ({ plannedShare }) => exactPercent(plannedShare) },
    { header: ["conflicts"], cell: ({ conflicts }) => formatCount(conflicts) },
    { header: ["rate"], cell: ({ conflictRate }) => exactPercent(conflictRate) },
    {
      header: ["as", "planned"],
      cell: ({ plannedConflictRate }) => exactPercent(plannedConflictRate),
    },
  ];
  return tableSection("Mix and conflicts", columns, rows);
}

function rowsOf(run: LabelledRun): KindRow[] {
  const { plan, operations } = run.result;
  if (plan.workload.kind !== "kubernetes") return [];
  const { mix, conflictRate } = plan.workload as KubernetesWorkload;
  const endedOf = (name: string) => ended(operations, name);
  const all = mix.reduce((sum, { operation }) => sum + endedOf(operation), 0);
  const weights = mix.reduce((sum, { weight }) => sum + weight, 0);
  return mix.map(({ operation, weight }): KindRow => {
    const number = endedOf(operation);
    const isContended = CONTENDED_KINDS.includes(operation);
    const counters = operations.find(({ name }) => name === operation)?.counters ?? {};
    const conflicts = isContended ? (counters.conflicts ?? 0) : null;
    return {
      run,
      kind: operation,
      ended: number,
      share: all === 0 ? 0 : number / all,
      plannedShare: weight / weights,
      conflicts,
      conflictRate: conflicts === null || number === 0 ? null : conflicts / number,
      plannedConflictRate: isContended ? conflictRate : null,
    };
  });
}

function ended(operations: RunResult["operations"], name: string): number {
  const requests = operations.find((each) => each.name === name)?.requests;
  return requests === undefined ? 0 : requests.succeeded + requests.failed;
}
