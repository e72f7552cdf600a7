/** The figures of each operation by endpoint, of runs that recorded them apart. */
import { isAnyPaced, judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { EndpointResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { formatCount, formatRate } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";

interface EndpointRow {
  run: LabelledRun;
  of: EndpointResult;
}

/** Null where no run has any. */
export function endpointsSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows: EndpointRow[] = runs.flatMap((run) =>
    run.result.byEndpoint.map((of) => ({ run, of })),
  );
  if (rows.length === 0) return null;
  const isPaced = runs.some(({ result }) => isAnyPaced(result.byEndpoint));
  const time = (header: string, name: "meanMs" | "p50Ms" | "p99Ms" | "maxMs") => ({
    header: [header],
    cell: ({ of }: EndpointRow) => latencyText(judgedLatency(of), name),
  });
  const columns: Column<EndpointRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ of }) => printable(of.operation) },
    { header: ["endpoint"], align: "left", cell: ({ of }) => printable(of.endpoint) },
    { header: ["member"], align: "left", cell: memberText },
    { header: ["requests/s"], cell: ({ of }) => formatRate(of.throughputPerSec) },
    { header: ["failed"], cell: ({ of }) => formatCount(of.requests.failed) },
    ...(isPaced
      ? [
          {
            header: ["clock"],
            align: "left",
            cell: ({ of }: EndpointRow) => judgedClock(of),
          } as const,
        ]
      : []),
    time("mean", "meanMs"),
    time("p50", "p50Ms"),
    time("p99", "p99Ms"),
    time("max", "maxMs"),
  ];
  return tableSection("By endpoint", columns, rows);
}

/** As it was when the run began. */
function memberText({ run, of: { member } }: EndpointRow): string {
  if (member === null) return "-";
  const found = run.result.target.members.find(({ name }) => name === member);
  return printable(found?.isLeader ? `${member} (leader)` : member);
}
