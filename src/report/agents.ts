/** Renders `--output agents`: the agents that sent the load as CSV, one line for each run and agent. */
import type { AgentResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { csvField, csvText } from "./csv-field.ts";
import type { ReportFormat } from "./format.ts";

const FIGURES = [
  "workers",
  "requests",
  "cpuSeconds",
  "busyPercentMax",
  "rssMaxBytes",
  "startLateMs",
  "clockUncertaintyMs",
  "clockDriftPpm",
] as const satisfies (keyof AgentResult)[];
const MACHINE = ["tool", "node", "kernel", "cpuModel"] as const;
const SIZES = ["cpus", "cpusAvailable", "memoryBytes", "memoryLimitBytes"] as const;
const STATE = [
  "loadAverage1m",
  "otherCpuPercent",
  "idleCpuPercent",
  "stealPercent",
  "throttledSeconds",
  "suspendedSeconds",
] as const satisfies (keyof NonNullable<AgentResult["machine"]>)[];

export const agentsFormat: ReportFormat = {
  name: "agents",
  render(results) {
    const header = [
      ...["resultId", "workload", "agent", ...FIGURES, "lost"],
      ...[...MACHINE, ...SIZES, "machineNumber", ...STATE],
    ];
    const lines = shownInFull(results).flatMap(({ id, plan, client }) =>
      (client.agents ?? []).map((agent) => [
        ...[id, plan.workload.kind, agent.name].map(csvText),
        ...FIGURES.map((name) => String(agent[name] ?? "")),
        csvText(agent.lost ?? ""),
        ...MACHINE.map((name) => csvText(agent.environment[name])),
        ...SIZES.map((name) => String(agent.environment[name] ?? "")),
        String(agent.machineNumber ?? ""),
        ...STATE.map((name) => String(agent.machine?.[name] ?? "")),
      ]),
    );
    return [header, ...lines].map((fields) => `${fields.map(csvField).join(",")}\n`).join("");
  },
};
