/** Renders the workloads' own counts, such as keys deleted: a line for each. */
import type { OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatCount, formatRate } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";

interface CounterRow {
  run: LabelledRun;
  operation: OperationResult;
  name: string;
  shown: string;
}

/** Null where no run counted anything of its own. */
export function countersSection(runs: readonly LabelledRun[]): TableSection | null {
  const others = runs.filter(
    ({ result }) => !workloadNamed(result.plan.workload.kind).hasCountersInSection,
  );
  const rows: CounterRow[] = others.flatMap((run) =>
    run.result.operations.flatMap((operation) =>
      linesOf(operation).map(([name, shown]) => ({ run, operation, name, shown })),
    ),
  );
  if (rows.length === 0) return null;
  const columns: Column<CounterRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation.name) },
    { header: ["count of"], align: "left", cell: ({ name }) => printable(name) },
    { header: ["number"], cell: ({ shown }) => shown },
  ];
  return tableSection("Counts", columns, rows);
}

/** What the section on fairness and the notes say in words. */
const TOLD_ELSEWHERE = new Set(["orderChecked", "outOfOrder", "heldBack", "heldBackUs", "unsent"]);

/** Each counter's name and number, then what follows from them. */
function linesOf({ counters }: OperationResult): [name: string, shown: string][] {
  const lines = Object.entries(counters)
    .filter(([name]) => !TOLD_ELSEWHERE.has(name))
    .map(([name, amount]): [string, string] => [name, formatCount(amount)]);
  const perCommit = attemptsPerCommit(counters);
  if (perCommit !== null) lines.push(["attempts per commit", formatRate(perCommit)]);
  return lines;
}

/** How often a transaction was tried until it took effect; null where none was or none did. */
function attemptsPerCommit({ attempts, commits }: Record<string, number>): number | null {
  return attempts === undefined || !commits ? null : attempts / commits;
}
