/** The tables of etcd's own metrics: a line for each member of one run, or one line for each of several. */

import type { ServerResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import {
  FIGURE_NAMES,
  type FigureTable,
  figureOf,
  figureOver,
  MEMBER_FIGURES,
} from "../member-figures.ts";

interface ServerRow {
  run: LabelledRun;
  /** One of them, or all of a run. */
  members: readonly ServerResult[];
}

/** Null where no result has any member's metrics. */
export function serverSection(runs: readonly LabelledRun[]): TableSection | null {
  return sectionOf("etcd", "main", runs, [
    "Over the members: mean of mean RSS, sum of CPU and slow applies, else the largest.",
  ]);
}

/** What is printed where it is asked for: each null where no member has any of its figures. */
export function memberSections(runs: readonly LabelledRun[]): TableSection[] {
  const memory = sectionOf("etcd: memory and disk", "memory", runs, [
    "Of the members, the largest.",
  ]);
  const traffic = sectionOf("etcd: traffic", "traffic", runs, [
    "Over the members: sum of bytes, else the largest.",
  ]);
  return [memory, traffic].filter((section) => section !== null);
}

function sectionOf(
  title: string,
  table: FigureTable,
  runs: readonly LabelledRun[],
  remarksOnSeveral: readonly string[],
): TableSection | null {
  const several = runs.length > 1;
  const rows: ServerRow[] = runs.flatMap((run) => {
    const { server } = run.result;
    if (several) return server.length === 0 ? [] : [{ run, members: server }];
    return server.map((member) => ({ run, members: [member] }));
  });
  const names = FIGURE_NAMES.filter((name) => MEMBER_FIGURES[name].table === table);
  const isAnyKnown = rows.some(({ members }) =>
    members.some((member) => names.some((name) => figureOf(member, name) !== null)),
  );
  if (!isAnyKnown) return null;
  const columns: Column<ServerRow>[] = [
    ...labelColumns(runs),
    { header: ["Member"], align: "left", cell: nameOf },
    ...names.map((name): Column<ServerRow> => {
      const { header, format } = MEMBER_FIGURES[name];
      return { header, cell: ({ members }) => format(figureOver(members, name)) };
    }),
  ];
  return tableSection(title, columns, rows, { remarks: several ? remarksOnSeveral : [] });
}

function nameOf({ members }: ServerRow): string {
  const [first] = members;
  if (members.length !== 1) return formatNoun(members.length, "member");
  return printable(first!.member || first!.endpoint);
}
