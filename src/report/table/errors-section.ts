/** Renders the failed requests by gRPC status code and message. */

import type { OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatCount } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { cutToWidth } from "../../text/width.ts";

/** A message of a server may be long; the result keeps it whole. */
const MESSAGE_COLUMNS = 80;
const MOST_ROWS = 20;

interface ErrorRow {
  run: LabelledRun;
  operation: OperationResult;
  error: OperationResult["errors"][number];
}

/** Null without errors. */
export function errorsSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows: ErrorRow[] = runs.flatMap((run) =>
    run.result.operations.flatMap((operation) =>
      operation.errors.map((error) => ({ run, operation, error })),
    ),
  );
  if (rows.length === 0) return null;
  // Of one operation, the most frequent first.
  rows.sort((a, b) => (a.operation === b.operation ? b.error.count - a.error.count : 0));
  const more = rows.length - MOST_ROWS;
  const columns: Column<ErrorRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: (row) => printable(row.operation.name) },
    { header: ["count"], cell: ({ error }) => formatCount(error.count) },
    { header: ["code"], align: "left", cell: ({ error }) => printable(error.code) },
    { header: ["message"], align: "left", cell: ({ error }) => shortened(error.message) },
  ];
  const rest = more > 0 ? [`and ${formatNoun(more, "kind")} more, in the JSON of the result`] : [];
  return tableSection("Errors", columns, rows.slice(0, MOST_ROWS), {
    remarks: [...rest, ...explanations(rows)],
    isAlarm: true,
    // Turned around, messages would be side by side.
    keepsUpright: true,
  });
}

/** What etcd's words do not say: where an error comes from, and how it goes away. */
const EXPLANATIONS: readonly [RegExp, string][] = [
  [
    /database space exceeded/,
    "etcd's database has reached its backend quota (the NOSPACE alarm) and takes no more writes: compact, " +
      "defragment and disarm the alarm (etcdctl compact, defrag, alarm disarm), or start etcd with a larger " +
      "--quota-backend-bytes.",
  ],
];

function explanations(rows: readonly ErrorRow[]): string[] {
  return EXPLANATIONS.filter(([words]) => rows.some(({ error }) => words.test(error.message))).map(
    ([, explanation]) => explanation,
  );
}

function shortened(message: string): string {
  return cutToWidth(printable(message), MESSAGE_COLUMNS);
}
