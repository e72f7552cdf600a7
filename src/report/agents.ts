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

export const agentsFormat: ReportFormat = {
  name: "agents",
  render(results) {
    const header = [
      ...["resultId", "workload", "agent", ...FIGURES, "lost"],
      ...[...MACHINE, "cpus", "cpusAvailable"],
    ];
    const lines = shownInFull(results).flatMap(({ id, plan, client }) =>
      (client.agents ?? []).map((agent) => [
        ...[id, plan.workload.kind, agent.name].map(csvText),
        ...FIGURES.map((name) => String(agent[name] ?? "")),
        csvText(agent.lost ?? ""),
        ...MACHINE.map((name) => csvText(agent.environment[name])),
        String(agent.environment.cpus ?? ""),
        String(agent.environment.cpusAvailable ?? ""),
      ]),
    );
    return [header, ...lines].map((fields) => `${fields.map(csvField).join(",")}\n`).join("");
  },
};
