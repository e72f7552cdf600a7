/** Renders what reads received: keys and octets, in all and per second. */
import type { OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import {
  formatBytes,
  formatCount,
  formatMegabytes,
  formatRate,
} from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";

interface ReceivedRow {
  run: LabelledRun;
  operation: OperationResult;
  received: NonNullable<OperationResult["received"]>;
}

/** Null where no run read anything. */
export function receivedSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap((run) =>
    run.result.operations.flatMap((operation): ReceivedRow[] => {
      const { received } = operation;
      return received === null ? [] : [{ run, operation, received }];
    }),
  );
  if (rows.length === 0) return null;
  const columns: Column<ReceivedRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation.name) },
    { header: ["keys"], cell: ({ received }) => formatCount(received.keys) },
    { header: ["keys/s"], cell: ({ received }) => formatRate(received.keysPerSec) },
    {
      header: ["keys per answer"],
      cell: ({ received: { keys }, operation: { requests } }) =>
        formatRate(requests.succeeded === 0 ? null : keys / requests.succeeded),
    },
    { header: ["bytes"], cell: ({ received }) => formatBytes(received.bytes) },
    { header: ["MB/s"], cell: ({ received }) => formatMegabytes(received.bytesPerSec) },
  ];
  return tableSection("Received", columns, rows);
}
