/** The section on watches: how many events came, and which did not. */

import type { RunResult } from "../../../result/schema.ts";
import type { Column } from "../../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../../tables/labels.ts";
import { formatCount, formatRate } from "../../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../../tables/table-section.ts";

import { DELIVERY, WATCH_CREATE } from "./series.ts";

type Operation = RunResult["operations"][number];

interface WatchRow {
  run: LabelledRun;
  created: Operation | undefined;
  delivery: Operation;
}

/** Null without a watch. */
export function watchSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap((run): WatchRow[] => {
    const named = (name: string) => run.result.operations.find((each) => each.name === name);
    const delivery = named(DELIVERY);
    return delivery === undefined ? [] : [{ run, created: named(WATCH_CREATE), delivery }];
  });
  if (rows.length === 0) return null;
  const counter = (header: string[], name: string): Column<WatchRow> => ({
    header,
    cell: ({ delivery }) => formatCount(delivery.counters[name] ?? 0),
  });
  const columns: Column<WatchRow>[] = [
    ...labelColumns(runs),
    { header: ["watchers"], cell: ({ created }) => formatCount(created?.requests.succeeded ?? 0) },
    { header: ["events"], cell: ({ delivery }) => formatCount(delivery.requests.succeeded) },
    { header: ["events/s"], cell: ({ delivery }) => formatRate(delivery.throughputPerSec) },
    counter(["missing"], "missing"),
    counter(["double"], "doubled"),
    counter(["foreign"], "foreign"),
    counter(["watchers", "lost"], "lostWatchers"),
  ];
  return tableSection("Events", columns, rows);
}
