/** The table of etcd's own metrics: a line for each member of one run, or one line for each of several. */

import type { ServerResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
} from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";

interface ServerRow {
  run: LabelledRun;
  server: ServerResult;
}

type Figure = Exclude<keyof ServerResult, "endpoint" | "member" | "samples">;

/** Null where no result has any member's metrics. */
export function serverSection(runs: readonly LabelledRun[]): TableSection | null {
  const several = runs.length > 1;
  const rows: ServerRow[] = runs.flatMap((run) => {
    const { server } = run.result;
    if (several) return server.length === 0 ? [] : [{ run, server: overMembers(server) }];
    return server.map((member) => ({ run, server: member }));
  });
  if (!rows.some(({ server }) => hasFigures(server))) return null;
  const figure = (
    header: string[],
    name: Figure,
    format: (value: number | null) => string,
  ): Column<ServerRow> => ({ header, cell: ({ server }) => format(server[name]) });
  const columns: Column<ServerRow>[] = [
    ...labelColumns(runs),
    { header: ["Member"], align: "left", cell: ({ server }) => nameOf(server) },
    figure(["RSS", "mean"], "rssMeanBytes", formatBytes),
    figure(["RSS", "max"], "rssMaxBytes", formatBytes),
    figure(["CPU of", "a core"], "cpuPercent", formatPercent),
    figure(["fsync", "p99"], "walFsyncP99Ms", formatDuration),
    figure(["commit", "p99"], "backendCommitP99Ms", formatDuration),
    figure(["leader", "changes"], "leaderChanges", formatCount),
    figure(["slow", "applies"], "slowApplies", formatCount),
    figure(["DB", "size"], "dbSizeBytes", formatBytes),
  ];
  const remarks = several
    ? ["Over the members: mean of mean RSS, sum of CPU and slow applies, else the largest."]
    : [];
  return tableSection("etcd", columns, rows, { remarks });
}

function hasFigures({ endpoint: _, member: __, ...figures }: ServerResult): boolean {
  return Object.values(figures).some((figure) => figure !== null);
}

function nameOf({ member, endpoint }: ServerResult): string {
  return printable(member || endpoint);
}

function overMembers(members: readonly ServerResult[]): ServerResult {
  const over = (name: Figure, combine: (values: number[]) => number): number | null => {
    const known = members.map((member) => member[name]).filter((value) => value !== null);
    return known.length === 0 ? null : combine(known);
  };
  const largest = (values: number[]) => Math.max(...values);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const mean = (values: number[]) => sum(values) / values.length;
  return {
    endpoint: "",
    member: members.length === 1 ? members[0]!.member : formatNoun(members.length, "member"),
    rssMeanBytes: over("rssMeanBytes", mean),
    rssMaxBytes: over("rssMaxBytes", largest),
    cpuSeconds: over("cpuSeconds", sum),
    cpuPercent: over("cpuPercent", sum),
    walFsyncP99Ms: over("walFsyncP99Ms", largest),
    backendCommitP99Ms: over("backendCommitP99Ms", largest),
    leaderChanges: over("leaderChanges", largest),
    slowApplies: over("slowApplies", sum),
    failedProposals: over("failedProposals", largest),
    dbSizeBytes: over("dbSizeBytes", largest),
    samples: null,
  };
}
