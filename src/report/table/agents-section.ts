/** Renders the agents that sent the load, a line for each; none where one machine sent it all. */
import type { AgentResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
} from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";

interface AgentRow {
  run: LabelledRun;
  agent: AgentResult;
}

export function agentsSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap((run): AgentRow[] =>
    (run.result.client.agents ?? []).map((agent) => ({ run, agent })),
  );
  if (rows.length === 0) return null;
  const figure = (header: string[], cell: (agent: AgentResult) => string): Column<AgentRow> => ({
    header,
    cell: ({ agent }) => cell(agent),
  });
  const columns: Column<AgentRow>[] = [
    ...labelColumns(runs),
    { header: ["agent"], cell: ({ agent }) => agent.name, align: "left" },
    figure(["workers"], ({ workers }) => formatCount(workers)),
    figure(["requests"], ({ requests }) => formatCount(requests)),
    figure(["CPU", "time"], ({ cpuSeconds }) =>
      formatDuration(cpuSeconds === null ? null : cpuSeconds * 1000),
    ),
    figure(["busiest", "worker"], ({ busyPercentMax }) => formatPercent(busyPercentMax)),
    figure(["RSS", "max"], ({ rssMaxBytes }) => formatBytes(rssMaxBytes)),
    figure(["CPU of", "others"], ({ machine }) => formatPercent(machine?.otherCpuPercent ?? null)),
    figure(["start", "late"], ({ startLateMs }) => formatDuration(startLateMs)),
    figure(["clock", "known to"], ({ clockUncertaintyMs }) => formatDuration(clockUncertaintyMs)),
    figure(["clock", "drift"], ({ clockDriftPpm }) =>
      clockDriftPpm === null ? "" : `${clockDriftPpm.toFixed(1)} ppm`,
    ),
    { header: ["lost"], cell: ({ agent }) => agent.lost ?? "no", align: "left" },
  ];
  return tableSection("Agents", columns, rows);
}
