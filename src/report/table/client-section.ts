/** Renders the cost of the client itself and how punctual it was, a line for each run. */
import type { ClientResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
} from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";

interface ClientRow {
  run: LabelledRun;
  client: ClientResult;
}

/** Null where all results are published figures, which say nothing of it. */
export function clientSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows: ClientRow[] = runs
    .filter(({ result }) => result.origin === "measured")
    .map((run) => ({ run, client: run.result.client }));
  if (rows.length === 0) return null;
  const figure = (header: string[], cell: (client: ClientResult) => string): Column<ClientRow> => ({
    header,
    cell: ({ client }) => cell(client),
  });
  const columns: Column<ClientRow>[] = [
    ...labelColumns(runs),
    figure(["workers"], ({ workers }) => formatCount(workers)),
    figure(["CPU per", "request"], ({ cpuMicrosPerRequest }) =>
      formatDuration(cpuMicrosPerRequest === null ? null : cpuMicrosPerRequest / 1000),
    ),
    figure(["CPU of", "a core"], ({ cpuPercent }) => formatPercent(cpuPercent)),
    figure(["busiest", "worker"], ({ busyPercentMax }) => formatPercent(busyPercentMax)),
    figure(["event-loop", "delay p99"], (client) => formatDuration(client.eventLoopDelayP99Ms)),
    figure(["dispatch", "lag p50"], ({ dispatchLagP50Ms }) => formatDuration(dispatchLagP50Ms)),
    figure(["dispatch", "lag p99"], ({ dispatchLagP99Ms }) => formatDuration(dispatchLagP99Ms)),
    figure(["RSS", "max"], ({ rssMaxBytes }) => formatBytes(rssMaxBytes)),
  ];
  return tableSection("Client", columns, rows);
}
