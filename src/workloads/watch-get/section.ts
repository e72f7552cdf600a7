/** The section on watchers that catch up: how soon they had all events. */

import type { OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatCount, formatDuration, formatRate } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";

import { CATCH_UP, SYNCED } from "./series.ts";

interface CatchUpRow {
  run: LabelledRun;
  events: OperationResult;
  /** Of watchers that have heard of everything. */
  synced: OperationResult;
}

/** Null where no run's watchers caught up. */
export function catchUpSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap((run): CatchUpRow[] => {
    const named = (name: string) => run.result.operations.find((each) => each.name === name);
    const events = named(CATCH_UP);
    const synced = named(SYNCED);
    return events === undefined || synced === undefined ? [] : [{ run, events, synced }];
  });
  if (rows.length === 0) return null;
  const counter = (header: string[], name: string): Column<CatchUpRow> => ({
    header,
    cell: ({ events }) => formatCount(events.counters[name] ?? 0),
  });
  const time = (header: string, name: "p50Ms" | "p99Ms" | "maxMs"): Column<CatchUpRow> => ({
    header: ["synced", header],
    cell: ({ synced }) => formatDuration(synced.serviceTime[name]),
  });
  const columns: Column<CatchUpRow>[] = [
    ...labelColumns(runs),
    {
      header: ["watchers", "synced"],
      cell: ({ synced }) => formatCount(synced.requests.succeeded),
    },
    time("p50", "p50Ms"),
    time("p99", "p99Ms"),
    time("all", "maxMs"),
    { header: ["events"], cell: ({ events }) => formatCount(events.requests.succeeded) },
    { header: ["events/s"], cell: ({ events }) => formatRate(events.throughputPerSec) },
    counter(["missing"], "missing"),
    counter(["double"], "doubled"),
    counter(["foreign"], "foreign"),
    counter(["watchers", "lost"], "lostWatchers"),
  ];
  return tableSection("Catch-up", columns, rows);
}
