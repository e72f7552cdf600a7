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
const MOST_NEAR = 2;

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

/** Events first; the pauses of a busy client may be many, so that several are one text. */
function nearText(near: readonly Near[]): string {
  const pauses = near.filter(({ kind }) => kind === "client-pause");
  const others = near.filter(({ kind }) => kind !== "client-pause");
  const named = pauses.length > 1 ? others : [...others, ...pauses];
  const texts = new Set(named.map(({ text }) => printable(text)));
  if (pauses.length > 1) texts.add(pausesText(pauses));
  const more = texts.size - MOST_NEAR;
  return [...[...texts].slice(0, MOST_NEAR), ...(more > 0 ? [`${more} more`] : [])].join("; ");
}

function pausesText(pauses: readonly Near[]): string {
  const longest = Math.max(
    ...pauses.map(({ startSeconds, endSeconds }) => endSeconds - startSeconds),
  );
  return `the client paused ${pauses.length} times, up to ${formatDuration(longest * 1000)}`;
}
