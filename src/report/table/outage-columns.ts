/** Columns on what faults cost, for the cells of a suite whose runs recorded availability. */
import { ALL_ENDPOINTS } from "../../result/attachments.ts";
import type { AvailabilityGroup } from "../../result/availability-schema.ts";
import type { RunResult } from "../../result/schema.ts";
import { median } from "../../stats/median.ts";
import type { Column } from "../../tables/grid.ts";
import { ABSENT, formatCount, formatDuration } from "../../tables/number-format.ts";

export interface OutageRow {
  runs: { result: RunResult }[];
}

export const OUTAGE_COLUMNS: Column<OutageRow>[] = [
  {
    header: ["outage, all", "endpoints"],
    cell: outage(({ attachment }) => attachment === ALL_ENDPOINTS),
  },
  {
    header: ["outage, one", "endpoint"],
    cell: outage(({ attachment }) => attachment !== ALL_ENDPOINTS),
  },
  {
    header: ["writes", "lost"],
    cell: ({ runs }) => {
      const lost = runs.flatMap(({ result }) => result.availability?.writes?.lost ?? []);
      // A run of which it is not known is no run without a loss.
      return formatCount(lost.length < runs.length ? null : lost.reduce((sum, each) => sum + each));
    },
  },
];

export const OUTAGE_REMARK =
  "An outage is the longest time without a good answer, of the operation that was worst off: for a client " +
  "that knows all endpoints, and for one of a single endpoint.";

export function hasOutages(rows: readonly OutageRow[]): boolean {
  return rows.some(({ runs }) => runs.some(({ result }) => result.availability !== null));
}

function outage(isMeant: (group: AvailabilityGroup) => boolean): Column<OutageRow>["cell"] {
  return ({ runs }) => {
    const groups = runs.map(({ result }) => (result.availability?.groups ?? []).filter(isMeant));
    if (groups.some((each) => each.length === 0)) return ABSENT;
    const longest = median(
      groups.map((each) => Math.max(...each.map(({ longestWindowMs }) => longestWindowMs))),
    );
    // One that was open at the end of its run may have been as long as any.
    const isOpen = groups.flat().some(({ windows }) => windows.some((each) => each.isOpen));
    return `${isOpen ? ">=" : ""}${formatDuration(longest)}`;
  };
}
