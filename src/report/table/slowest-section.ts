/** Renders the slowest requests of each series, and what else happened while they waited. */
import type { OperationResult } from "../../result/schema.ts";
import type { Near, SlowRequestResult } from "../../result/slow-request-schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatCount, formatDuration } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";
import { cutToWidth } from "../../text/width.ts";

const KEY_COLUMNS = 40;
/** Of those of one request; the result has them all. */
const MOST_NEAR = 3;

interface SlowRow {
  run: LabelledRun;
  operation: OperationResult;
  request: SlowRequestResult;
}

/** Null where no run has kept any. */
export function slowestSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows: SlowRow[] = runs.flatMap((run) =>
    run.result.operations.flatMap((operation) =>
      (operation.slowest ?? []).map((request) => ({ run, operation, request })),
    ),
  );
  if (rows.length === 0) return null;
  const columns: Column<SlowRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation.name) },
    { header: ["at"], cell: ({ request }) => `${request.startSeconds.toFixed(3)} s` },
    { header: ["response"], cell: ({ request }) => formatDuration(request.responseMs) },
    { header: ["service"], cell: ({ request }) => formatDuration(request.serviceMs) },
    { header: ["status"], align: "left", cell: ({ request }) => printable(request.code) },
    {
      header: ["endpoint"],
      align: "left",
      cell: ({ request }) => printable(request.endpoint ?? ""),
    },
    { header: ["key"], align: "left", cell: ({ request }) => keyText(request) },
    { header: ["revision"], cell: ({ request }) => formatCount(request.revision) },
    { header: ["meanwhile"], align: "left", cell: ({ request }) => nearText(request.near) },
  ];
  return tableSection("Slowest requests", columns, rows, {
    remarks: ["Meanwhile: what happened while the request waited, which need not be the cause."],
    // Turned around, keys would be side by side.
    keepsUpright: true,
  });
}

function keyText({ key }: SlowRequestResult): string {
  return key === null ? "" : cutToWidth(printable(key), KEY_COLUMNS);
}

function nearText(near: readonly Near[]): string {
  const texts = [...new Set(near.map(({ text }) => printable(text)))];
  const more = texts.length - MOST_NEAR;
  return [...texts.slice(0, MOST_NEAR), ...(more > 0 ? [`${more} more`] : [])].join("; ");
}
